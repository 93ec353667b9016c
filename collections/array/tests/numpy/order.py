"""Results of NumPy for tests/it/order.rs: python tests/numpy/order.py > tests/numpy/order.txt (numpy 2.4.6)."""

import numpy as np

n = np.arange(60, dtype=np.float64)
a = (np.sin(n * n) * 10).round(2).reshape(5, 12)
a[1, 3] = a[4, 0] = np.nan


def show(name, values):
    print(name, *(repr(float(value)) for value in np.asarray(values).ravel()))


show("input", a)
show("nansum0", np.nansum(a, axis=0))
show("nansum1", np.nansum(a, axis=1))
show("nanprod1", np.nanprod(a, axis=1))
show("nanmean0", np.nanmean(a, axis=0))
show("nanmean1", np.nanmean(a, axis=1))
show("nanvar1", np.nanvar(a, axis=1, ddof=1))
show("nanstd0", np.nanstd(a, axis=0))
show("nanmin0", np.nanmin(a, axis=0))
show("nanmax1", np.nanmax(a, axis=1))
show("median0", np.median(a, axis=0))
show("median1", np.median(a, axis=1))
for q in (0.0, 0.1, 0.25, 0.9, 1.0):
    show(f"quantile0_{q}", np.quantile(a, q, axis=0))
    show(f"quantile1_{q}", np.quantile(a, q, axis=1))
show("cumsum1", np.cumsum(np.nan_to_num(a), axis=1))
show("cumprod0", np.cumprod(np.nan_to_num(a), axis=0))
show("diff1", np.diff(a, axis=1))
show("histogram", np.histogram(np.nan_to_num(a), bins=7, range=(-8, 9.5))[0])
show("bincount", np.bincount((np.nan_to_num(a).ravel() + 10).astype(int), minlength=25))
show("unique", np.unique(a.round(0)))
show("topk1", -np.sort(-np.nan_to_num(a), axis=1)[:, :3])
show("cov", np.cov(np.nan_to_num(a)))
show("cov0", np.cov(np.nan_to_num(a), ddof=0))
show("corrcoef", np.corrcoef(np.nan_to_num(a)))
