"""Writes tests/numpy/linalg.txt: small matrices, and what NumPy makes of them.

    python collections/array/tests/numpy/linalg.py > collections/array/tests/numpy/linalg.txt

Made with NumPy 2.4. A line is a name, a shape, and the elements in C order. Signs are fixed as the crate fixes them: R's diagonal
is not negative; the largest element of each singular vector in the smaller matrix is positive.
"""

import numpy as np


def show(name, a):
    a = np.asarray(a, dtype=float)
    print(name, "x".join(map(str, a.shape)) or "-", *(repr(float(x)) for x in a.ravel()))


def factors(name, a, b):
    show(f"{name}.a", a)
    show(f"{name}.b", b)
    q, r = np.linalg.qr(a)
    sign = np.where(np.diag(r) < 0, -1.0, 1.0)
    show(f"{name}.q", q * sign)
    show(f"{name}.r", r * sign[:, None])
    u, s, vt = np.linalg.svd(a, full_matrices=False)
    small = vt if a.shape[0] >= a.shape[1] else u.T
    at = np.argmax(np.abs(small), axis=1)
    sign = np.sign(small[np.arange(len(s)), at])
    show(f"{name}.u", u * sign)
    show(f"{name}.s", s)
    show(f"{name}.vt", vt * sign[:, None])
    show(f"{name}.lstsq", np.linalg.lstsq(a, b, rcond=None)[0])
    show(f"{name}.norm", np.linalg.norm(a))


g = np.random.default_rng(7)
factors("tall", np.round(g.normal(size=(7, 3)), 2), np.round(g.normal(size=7), 2))
factors("wide", np.round(g.normal(size=(3, 6)), 2), np.round(g.normal(size=(3, 2)), 2))
factors("square", np.round(g.normal(size=(4, 4)), 2), np.round(g.normal(size=(4, 2)), 2))
a = np.round(g.normal(size=(5, 5)), 2)
show("definite.a", a @ a.T + np.eye(5))
show("definite.l", np.linalg.cholesky(a @ a.T + np.eye(5)))
b = np.round(g.normal(size=(5, 3)), 2)
show("system.a", a)
show("system.b", b)
show("system.x", np.linalg.solve(a, b))
c, d = np.round(g.normal(size=(2, 3, 4)), 2), np.round(g.normal(size=(4, 2, 5)), 2)
show("tensor.a", c)
show("tensor.b", d)
show("tensor.x", np.tensordot(c, d, ([2, 0], [0, 1])))
