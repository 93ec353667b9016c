"""Results of NumPy for tests/it/numpy_results.rs: python tests/numpy/functions.py > tests/numpy/functions.txt (numpy 2.4.6).

Each line is a name, a shape, and the elements in C order.
"""

import warnings

import numpy as np

warnings.simplefilter("ignore")

n = np.arange(60, dtype=np.float64)
a = (np.sin(n * n) * 10).round(1).reshape(5, 12)
a[1, 3] = a[4, 0] = a[4, 7] = np.nan
# Without NaN, and with ties.
b = np.nan_to_num(a).round(0)
c = b[::-1] + np.arange(12)
w = np.abs(np.cos(n)).round(3).reshape(5, 12)


def show(name, values):
    values = np.asarray(values)
    shape = "x".join(map(str, values.shape)) or "-"
    print(name, shape, *(repr(float(value)) for value in values.ravel()))


show("a", a)
show("b", b)
show("c", c)
show("w", w)

for axis in (0, 1):
    show(f"nanargmin{axis}", np.nanargmin(a, axis=axis))
    show(f"nanargmax{axis}", np.nanargmax(a, axis=axis))
    show(f"ptp{axis}", np.ptp(a, axis=axis))
    show(f"average{axis}", np.average(b, axis=axis, weights=w))
    show(f"average_row{axis}", np.average(b, axis=axis, weights=w[:, 3] if axis == 0 else w[2]))
    show(f"nanmedian{axis}", np.nanmedian(a, axis=axis))
    show(f"nanquantile{axis}", np.nanquantile(a, 0.3, axis=axis))
    show(f"nancumsum{axis}", np.nancumsum(a, axis=axis))
    show(f"nancumprod{axis}", np.nancumprod(a, axis=axis))
    show(f"sort{axis}", np.sort(a, axis=axis))
    show(f"argsort{axis}", np.argsort(b, axis=axis, kind="stable"))
    show(f"argsort_nan{axis}", np.argsort(a, axis=axis, kind="stable"))
    show(f"take_along{axis}", np.take_along_axis(c, np.argsort(b, axis=axis, kind="stable"), axis=axis))
    show(f"gradient{axis}", np.gradient(b, 0.25, axis=axis))
    x = np.cumsum(w[:, 0] if axis == 0 else w[0])
    show(f"x{axis}", x)
    show(f"gradient_at{axis}", np.gradient(b, x, axis=axis))
    show(f"trapezoid{axis}", np.trapezoid(b, dx=0.25, axis=axis))
    show(f"trapezoid_at{axis}", np.trapezoid(b, x, axis=axis))
    show(f"any{axis}", np.any(b > 9, axis=axis, keepdims=True))
    show(f"all{axis}", np.all(b > -9, axis=axis, keepdims=True))
show("nanargmax", np.nanargmax(a))
show("nanmedian", np.nanmedian(a))
show("average", np.average(b, weights=w))
show("ptp", np.ptp(b))

edges = np.array([-8, -2.5, 0, 1, 1, 6])
show("edges", edges)
show("searchsorted_left", np.searchsorted(edges, a, side="left"))
show("searchsorted_right", np.searchsorted(edges, a, side="right"))
for right in (False, True):
    show(f"digitize_{right}", np.digitize(a, edges, right=right))
    show(f"digitize_falling_{right}", np.digitize(a, edges[::-1], right=right))
show("isin", np.isin(a, [7, -5, 9.4, np.nan, 0]))
show("histogram_edges", np.histogram(a, edges)[0])
show("histogram_even", np.histogram(a[np.isfinite(a)], 7, (-8, 9.5))[0])
show("histogram_weighted", np.histogram(b, edges, weights=w)[0])
show("histogram_density", np.histogram(a, np.array([-8, -2.5, 0, 1, 6]), density=True)[0])
show("histogram_density_f32", np.histogram(a.astype(np.float32), 6, (-5.3, 6.1), density=True)[0])
show("histogram_density_f32_edges", np.histogram(a.astype(np.float32), [-5.3, 0.7, 6.1], density=True)[0])
show("histogram2d", np.histogram2d(b.ravel(), c.ravel(), [[-10, -3, 0, 10], np.linspace(-10, 20, 5)])[0])
show("bincount_weighted", np.bincount((b.ravel() + 10).astype(int), weights=w.ravel(), minlength=22))
show("unique", np.unique(a.round(0)))
show("unique_counts", np.unique(a.round(0), return_counts=True)[1])
show("unique_inverse", np.unique(b, return_inverse=True)[1].reshape(b.shape))
show("flatnonzero", np.flatnonzero(b))
show("argwhere", np.argwhere(b > 8))
show("extract", np.extract(b > 5, c))

show("tril", np.tril(b, 2))
show("triu", np.triu(b, -1))
show("tri", np.tri(4, 6, -1))
show("diagonal", np.diagonal(b, 3))
show("diagonal_below", np.diagonal(b, -2))
show("diagonal_far", np.diagonal(b, 40))
cube = b.reshape(5, 3, 4)
show("diagonal_cube", np.diagonal(cube, 1, 2, 0))
show("diag", np.diag(b[0]))
show("rot90", np.rot90(cube, 1, (0, 2)))
show("rot90_3", np.rot90(cube, 3, (2, 1)))
show("block", np.block([[b[:2, :3], b[:2, 3:]], [c[:1, :7], c[:1, 7:]], [b[3:]]]))
for number, part in enumerate(np.meshgrid(b[0, :3], b[1, :2], b[2, :4])):
    show(f"meshgrid_xy{number}", part)
for number, part in enumerate(np.meshgrid(b[0, :3], b[1, :2], b[2, :4], indexing="ij")):
    show(f"meshgrid_ij{number}", part)
show("indices", np.indices((2, 3, 2)))

points, values = np.array([-9.0, -4, -4, 0, 2, 8]), np.array([1.0, 5, 7, -2, np.inf, np.inf])
show("points", points)
show("values", values)
show("interp", np.interp(a, points, values))
for mode in ("full", "same", "valid"):
    show(f"convolve_{mode}", np.convolve(b.ravel(), w[0, :6], mode))
    show(f"convolve_odd_{mode}", np.convolve(b.ravel(), w[0, :5], mode))

special = np.array([0.0, -0.0, 1.5, -1.5, 7, -7, 1e-300, np.inf, -np.inf, np.nan])
left, right = (part.ravel() for part in np.meshgrid(special, special))
show("special", special)
show("floor_divide", np.floor_divide(left, right))
show("remainder", np.remainder(left, right))
show("fmod", np.fmod(left, right))
show("copysign", np.copysign(left, right))
show("signbit", np.signbit(np.copysign(left, right)))
show("fmax", np.fmax(left, right))
show("fmin", np.fmin(left, right))
show("logaddexp", np.logaddexp(left, right))
show("isclose", np.isclose(left, right))
show("isclose_tight", np.isclose(left, left * (1 + 2e-6), 1e-6, 0))
show("nan_to_num", np.nan_to_num(special, nan=2.5))
show("degrees", np.degrees(special))
show("radians", np.radians(special))
small = np.arange(-128, 128, 5, dtype=np.int8)
some = np.array([-128, -90, -7, -1, 1, 3, 64, 127], dtype=np.int8)
show("small", small)
show("some", some)
show("floor_divide_i8", np.floor_divide(small[:, None], some))
show("remainder_i8", np.remainder(small[:, None], some))
