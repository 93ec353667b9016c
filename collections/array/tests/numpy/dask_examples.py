"""Results of dask for tests/it/dask_examples.rs: python tests/numpy/dask_examples.py > tests/numpy/dask_examples.txt (dask 2026.8.0, numpy 2.4.6).

The inputs, and the chunks where they are given, are those of the examples in the documentation of dask.array, its own and those of the NumPy functions that it follows. A line is a name, the
shape, and the values in C order; of `.chunks` the lengths along the axes.
"""

import operator
import warnings

import dask
import dask.array as da
import numpy as np

warnings.filterwarnings("ignore")
nan, inf, pi = np.nan, np.inf, np.pi


def show(name, array):
    chunks = getattr(array, "chunks", ())
    values = np.asarray(array.compute() if hasattr(array, "compute") else array)
    shape = ",".join(str(length) for length in values.shape) or "-"
    print(name, shape, *(repr(float(value)) for value in values.ravel()))
    return chunks


def show_chunks(name, array):
    print(f"{name}.chunks", "-", *(float(length) for axis in array.chunks for length in axis))


def of(values, chunks=2):
    return da.from_array(np.asarray(values), chunks=chunks)


# Functions of blocks.
x = da.arange(6, chunks=3)
show("map_blocks", x.map_blocks(lambda x: x * 2))
d, e = da.arange(5, chunks=2), da.arange(5, chunks=2)
show("map_blocks.two", da.map_blocks(lambda a, b: a + b**2, d, e))
show("map_blocks.halves", x.map_blocks(lambda x: x[::2], chunks=((2, 2),)))
a = da.arange(18, chunks=(6,))
show("map_blocks.firsts", a.map_blocks(lambda x: x[:3], chunks=(3,)))
b = a.map_blocks(lambda x: x[None, :, None], chunks=(1, 6, 1), new_axis=[0, 2])
show("map_blocks.new_axes", b)
show_chunks("map_blocks.new_axes", b)
x, y = da.arange(1000, chunks=(100,)), da.arange(100, chunks=(10,))
func = lambda a, b: np.array([a.max(), b.max()])
show("map_blocks.maxima", da.map_blocks(func, x, y, chunks=(2,), dtype="i8"))


def places(block_info=None):
    return np.arange(*block_info[None]["array-location"][0])


show("map_blocks.places", da.map_blocks(places, chunks=((4, 4),), dtype=np.float64))
show("map_blocks.scalar", da.map_blocks(lambda x: x.sum(), da.ones(10, dtype="int"), chunks=(), drop_axis=0))
x = of([1, 1, 2, 3, 3, 3, 2, 1, 1], 5)
show("map_overlap.derivative", x.map_overlap(lambda x: x - np.roll(x, 1), depth=1, boundary=0))
d = of(np.arange(16).reshape((4, 4)), (2, 2))
show("map_overlap.size", d.map_overlap(lambda x: x + x.size, depth=1, boundary="reflect"))
show("map_overlap.row", d.map_overlap(lambda x: x + x[2], depth=1, boundary="reflect", meta=np.array(())))
boundary = {0: "reflect", 1: "none"}
show("map_overlap.axes", d.map_overlap(lambda x: x + x.size, {0: 1, 1: 1}, boundary))
d = of(np.arange(64).reshape((8, 8)), (4, 4))
sums = lambda x: np.full_like(x, x.sum())
show("map_overlap.sums", d.map_overlap(sums, {0: 2, 1: 1}, {0: 100, 1: "reflect"}))
x, y = of([[1, 2], [3, 4]], (1, 2)), of([[10, 20], [0, 0]])
show("blockwise.add", da.blockwise(operator.add, "ij", x, "ij", y, "ij", dtype="f8"))
a, b = of([0, 1, 2], 1), of([10, 50, 100], 1)
show("blockwise.outer", da.blockwise(np.outer, "ij", a, "i", b, "j", dtype="f8"))
show("blockwise.transpose", da.blockwise(np.transpose, "ji", x, "ij", dtype=x.dtype))
show("blockwise.mixed", da.blockwise(lambda x, y: x + y.T, "ij", x, "ij", y, "ji", dtype="f8"))
dots = lambda a, b: sum(a.dot(b) for a, b in zip(a, b))
show("blockwise.dot", da.blockwise(dots, "", a, "i", b, "i", dtype="f8"))
wide = lambda a: a[:, None] * np.ones((1, 5))
show("blockwise.new_axis", da.blockwise(wide, "az", a, "a", new_axes={"z": 5}, dtype=a.dtype))
z = da.blockwise(wide, "az", a, "a", new_axes={"z": (5, 5)}, dtype=a.dtype)
show("blockwise.new_axes", z)
show_chunks("blockwise.new_axes", z)
twice = lambda x: np.concatenate([x, x])
z = da.blockwise(twice, "ij", x, "ij", adjust_chunks={"i": lambda n: 2 * n}, dtype=x.dtype)
show("blockwise.adjusted", z)
show_chunks("blockwise.adjusted", z)
show("blockwise.number", da.blockwise(operator.add, "ij", x, "ij", 1234, None, dtype=x.dtype))
b = of([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]])
ends = lambda a: (a[0] + a[-1]) * 0.5
show("apply_along_axis.0", da.apply_along_axis(ends, 0, b))
show("apply_along_axis.1", da.apply_along_axis(ends, 1, b))
rows = of([[8, 1, 7], [4, 3, 9], [5, 2, 6]])
show("apply_along_axis.sorted", da.apply_along_axis(sorted, 1, rows, dtype="i8", shape=(3,)))
squares = lambda axis, keepdims: da.reduction(
    b,
    chunk=lambda x, axis, keepdims: (x**2).sum(axis=axis, keepdims=keepdims),
    aggregate=lambda x, axis, keepdims: np.sqrt(x.sum(axis=axis, keepdims=keepdims)),
    combine=lambda x, axis, keepdims: x.sum(axis=axis, keepdims=keepdims),
    axis=axis,
    keepdims=keepdims,
    dtype="f8",
)
show("reduction.all", squares(None, False))
show("reduction.0", squares(0, False))
show("reduction.1.kept", squares(1, True))
show("from_delayed", da.from_delayed(dask.delayed(np.ones)(5), (5,), dtype=float))

# Creation.
show("arange", da.arange(3, chunks=2))
show("arange.float", da.arange(3.0, chunks=2))
show("arange.from", da.arange(3, 7, chunks=2))
show("arange.step", da.arange(3, 7, 2, chunks=2))
show("linspace", da.linspace(2.0, 3.0, num=5, chunks=2))
show("eye", da.eye(2, chunks=1))
show("full", da.full((2, 2), inf, chunks=1))
show("full.10", da.full((2, 2), 10, chunks=1))
show("ones", da.ones((2, 1)))
show("zeros", da.zeros(5, chunks=2))
show("full_like", da.full_like(da.arange(6, dtype=np.double), 0.1))
show("fromfunction", da.fromfunction(lambda i, j: i + j, shape=(3, 3), chunks=2, dtype=int))
show("fromfunction.equal", da.fromfunction(lambda i, j: i == j, shape=(3, 3), chunks=2, dtype=int))
show("indices", da.indices((2, 3), chunks=2))
show("asarray", da.asarray([[1, 2, 3], [4, 5, 6]]))

# Element by element.
x1, x2 = da.arange(9.0, chunks=4).reshape((3, 3)), da.arange(3.0, chunks=2)
for name in ("add", "subtract", "multiply", "divide"):
    show(name, getattr(da, name)(x1, x2))
show("floor_divide", da.floor_divide(of([1.0, 2.0, 3.0, 4.0]), 2.5))
show("remainder", da.remainder(da.arange(7, chunks=3), 5))
show("power", da.power(da.arange(6, chunks=3), 3))
show("power.each", da.power(da.arange(6, chunks=3), of([1.0, 2.0, 3.0, 3.0, 2.0, 1.0])))
show("log", da.log(of([1, np.e, np.e**2, 0])))
show("log2", da.log2(of([0, 1, 2, 2**4])))
show("log10", da.log10(of([1e-15, -3.0])))
show("log1p", da.log1p(of([1e-99])))
show("expm1", da.expm1(of([1e-10])))
show("exp2", da.exp2(of([2, 3])))
show("sqrt", da.sqrt(of([1, 4, 9])))
show("cbrt", da.cbrt(of([1, 8, 27])))
show("square", da.square(of([-1.5, 2.0])))
show("exp", da.exp(da.linspace(-2 * pi, 2 * pi, 100, chunks=33)))
angles = of([0.0, 30.0, 45.0, 60.0, 90.0])
show("deg2rad", da.deg2rad(angles))
for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh"):
    show(name, getattr(da, name)(angles * pi / 180.0))
for name in ("arcsin", "arccos", "arctan"):
    show(name, getattr(da, name)(of([1.0, -1.0, 0.0])))
show("arcsinh", da.arcsinh(of([np.e, 10.0])))
show("arccosh", da.arccosh(of([np.e, 10.0])))
show("arctanh", da.arctanh(of([0, -0.5])))
show("arctan2", da.arctan2(of([-1, -1, 1, 1]), of([-1, 1, 1, -1])) * 180 / pi)
show("arctan2.zeros", da.arctan2(of([0.0, 0.0, inf]), of([0.0, -0.0, inf])))
show("hypot", da.hypot(3 * da.ones((3, 3), chunks=2), 4 * da.ones((3, 3))))
fractions = of([-1.7, -1.5, -0.2, 0.2, 1.5, 1.7, 2.0])
for name in ("rint", "trunc", "floor", "ceil"):
    show(name, getattr(da, name)(fractions))
show("absolute", da.absolute(of([-1.2, 1.2])))
show("sign", da.sign(of([-5.0, 4.5])))
show("clip", da.clip(da.arange(10, chunks=3), 1, 8))
for name in ("maximum", "minimum", "fmax", "fmin"):
    show(name, getattr(da, name)(of([2, 3, 4]), of([1, 5, 2])))
    show(f"{name}.rows", getattr(da, name)(da.eye(2, chunks=1), of([0.5, 2])))
    show(f"{name}.nan", getattr(da, name)(of([nan, 0, nan]), of([0, nan, nan])))
show("isnan", da.isnan(of([nan, 1.0, -inf])))
show("isfinite", da.isfinite(of([nan, 1.0, -inf])))
show("isinf", da.isinf(of([inf, -inf, 1.0, nan])))
x = da.arange(5, chunks=2)
show("logical_and", da.logical_and(x > 1, x < 4))
show("logical_or", da.logical_or(x < 1, x > 3))
show("logical_xor", da.logical_xor(x < 1, x > 3))
show("logical_not", da.logical_not(x < 3))
for name in ("greater", "greater_equal", "less", "less_equal", "equal"):
    show(name, getattr(da, name)(of([4, 2, 1]), of([2, 2, 2])))
show("not_equal", da.not_equal(of([1.0, 2.0]), of([1.0, 3.0])))
a = da.arange(10, chunks=4)
show("where", da.where(a < 5, a, 10 * a))
show("where.arrays", da.where(of([[True, False], [True, True]]), of([[1, 2], [3, 4]], 1), of([[9, 8], [7, 6]])))
show("allclose", da.allclose(of([1e10, 1e-8]), of([1e10, 1e-8])))

# Reductions.
def forms(name, a, axes=(None, 0, 1), label=None, **options):
    for axis in axes:
        show(f"{label or name}.{'all' if axis is None else axis}", getattr(da, name)(a, axis=axis, **options))


forms("sum", of([[0, 1], [0, 5]], 1))
a = of([[1, 2], [3, 4]], 1)
for name in ("mean", "var", "std", "prod"):
    forms(name, a.astype("f8"))
show("mean.kept", da.mean(a, axis=1, keepdims=True))
show("std.ddof", da.std(a, ddof=1))
forms("var", of([[14, 8, 11, 10], [7, 9, 10, 11], [10, 15, 5, 10]]), label="var.12")
a = da.arange(6, chunks=3).reshape((2, 3)) + 10
forms("argmin", a)
forms("argmax", a)
show("argmax.first", da.argmax(of([0, 5, 2, 3, 4, 5])))
show("argmin.first", da.argmin(of([10, 11, 12, 13, 10, 15])))
a = da.arange(4, chunks=2).reshape((2, 2))
forms("min", a)
forms("max", a)
b = of([0.0, 1.0, nan, 3.0, 4.0])
for name in ("min", "max", "nanmin", "nanmax"):
    show(f"{name}.nan", getattr(da, name)(b))
forms("ptp", of([[4, 9, 2, 10], [6, 9, 7, 12]]))
show("any.all", da.any(of([[True, False], [True, True]], 1)))
show("any.0", da.any(of([[True, False, True], [False, False, False]]), axis=0))
show("all.all", da.all(of([[True, False], [True, True]], 1)))
show("all.0", da.all(of([[True, False], [True, True]], 1), axis=0))
forms("nansum", of([[1, 1], [1, nan]], 1))
forms("nanprod", of([[1, 2], [3, nan]], 1))
for name in ("nanmin", "nanmax"):
    forms(name, of([[1, 2], [3, nan]], 1))
for name in ("nanmean", "nanvar", "nanstd"):
    forms(name, of([[1, nan], [3, 4]], 1))
show("nansum.inf", da.nansum(of([1, nan, inf])))
show("nanmin.inf", da.nanmin(of([1, 2, nan, -inf])))
forms("count_nonzero", of([[0, 1, 7, 0], [3, 0, 2, 19]]))
show("count_nonzero.eye", da.count_nonzero(da.eye(4, chunks=3)))
forms("median", of([[10, 7, 4], [3, 2, 1]]), (0, 1))
show("average", da.average(da.arange(1, 11, chunks=4), weights=da.arange(10, 0, -1, chunks=4)))
show("apply_over_axes", da.apply_over_axes(da.sum, da.arange(24, chunks=7).reshape(2, 3, 4), [0, 2]))
d = of([5, 1, 3, 6])
show("topk", d.topk(2))
show("topk.least", d.topk(-2))
x = of(np.arange(10000), 10)
h, bins = da.histogram(x, bins=10, range=[0, 10000])
show("histogram", h)
show("histogram.bins", bins)
show("histogram.two", da.histogram(x, bins=np.array([0, 5000, 10000]))[0])
show("bincount", da.bincount(of([0, 1, 1, 3, 2, 1, 7], 3), minlength=8))
show("unique", da.unique(of([1, 1, 2, 2, 3, 3])))
a = of([[1, 2, 3], [4, 5, 6]])
for axis in (0, 1):
    show(f"cumsum.{axis}", da.cumsum(a, axis=axis))
    show(f"cumprod.{axis}", da.cumprod(a, axis=axis))
show("diff", da.diff(of([1, 2, 4, 7, 0])))
show("diff.2", da.diff(of([1, 2, 4, 7, 0]), n=2))
show("diff.0", da.diff(of([[1, 3, 6, 10], [0, 5, 6, 8]]), axis=0))

# Shape and choice.
x = da.ones((1000, 1000), chunks=(100, 100))
show_chunks("rechunk.columns", x.rechunk((1000, 10)))
show_chunks("rechunk.0", x.rechunk({0: 1000}))
show_chunks("rechunk.400", x.rechunk(chunks=(400, -1)))
show_chunks("from_array", of(np.zeros((100, 6)), ((67, 33), (6,))))
x = da.arange(120, chunks=120).reshape((6, 5, 4)).rechunk((3, 2, 2))
show("reshape.split", x.reshape((3, 2, 5, 4)))
show("reshape.merge", x.reshape((30, 4)))
show("ravel", da.ravel(of([[1, 2, 3], [4, 5, 6]])))
show("squeeze", da.squeeze(of([[[0], [1], [2]]])))
show("squeeze.0", da.squeeze(of([[[0], [1], [2]]]), axis=0))
show("expand_dims.0", da.expand_dims(of([1, 2], 1), axis=0))
show("expand_dims.1", da.expand_dims(of([1, 2], 1), axis=1))
show("broadcast_to", da.broadcast_to(of([1, 2, 3]), (3, 3)))
a = da.arange(8, chunks=3).reshape((2, 2, 2))
for axis in (0, 1):
    show(f"flip.{axis}", da.flip(a, axis))
show("rot90", da.rot90(of([[1, 2], [3, 4]], 1)))
show("swapaxes", da.swapaxes(a, 0, 2))
x = da.arange(60, chunks=60).reshape((3, 4, 5)).rechunk(2)
show("moveaxis.last", da.moveaxis(x, 0, -1))
show("moveaxis.first", da.moveaxis(x, -1, 0))
show("rollaxis", da.rollaxis(x, 2))
show("transpose", da.transpose(x))
x = da.arange(10, chunks=3)
show("roll", da.roll(x, 2))
show("roll.back", da.roll(x, -2))
show("roll.rows", da.roll(x.reshape((2, 5)), 1, axis=0))
show("roll.columns", da.roll(x.reshape((2, 5)), 1, axis=1))
show("take", da.take(of([4, 3, 5, 7, 6, 8]), [0, 1, 4]))
show("compress", da.compress([0, 1], of([[1, 2], [3, 4], [5, 6]])[:2], axis=0))
show("compress.1", da.compress([False, True], of([[1, 2], [3, 4], [5, 6]]), axis=1))
x = of([-2, -1, 0, 1, 2])
y = x[x <= 0]
y.compute_chunk_sizes()
show("mask", y)
x = da.arange(100, chunks=20)
show("slice", x[10:35])
show("slice.3", x[10:41:3])
show("slice.40", x[0:100:40])
show("slice.back", x[100:12:-3])
show("slice.one", x[25])
show("slice.list", x[[5, 1, 47, 3]])
show("blocks.first", da.arange(8, chunks=2).blocks[:3])
x = da.arange(8, chunks=3).reshape((2, 4))
x[:, 1:3] = of([-88, -99])
show("setitem", x)

# Joining.
a, b = of([[1, 2], [3, 4]], 1), of([[5, 6]])
show("concatenate.0", da.concatenate([a, b], axis=0))
show("concatenate.1", da.concatenate([a, b.T], axis=1))
data = [da.ones((4, 4), chunks=(2, 2)) * i for i in range(3)]
for axis in (0, 1):
    joined = da.concatenate(data, axis=axis)
    show(f"concatenate.ones.{axis}", joined)
    show_chunks(f"concatenate.ones.{axis}", joined)
for axis in (0, 1, -1):
    show(f"stack.ones.{axis}", da.stack(data, axis=axis))
a, b = of([1, 2, 3]), of([4, 5, 6])
show("stack.0", da.stack([a, b]))
show("stack.1", da.stack([a, b], axis=-1))
show("vstack", da.vstack([a, b]))
show("hstack", da.hstack([a, b]))
show("dstack", da.dstack([a, b]))
show("repeat", da.repeat(of([[1, 2], [3, 4]], 1), 3, axis=1))
show("tile", da.tile(of([0, 1, 2]), 2))
show("tile.matrix", da.tile(of([[1, 2], [3, 4]]), 2))
a = of([1, 2, 3, 4, 5])
show("pad.constant", da.pad(a, (2, 3), "constant", constant_values=4))
show("pad.edge", da.pad(a, (2, 3), "edge"))
show("pad.reflect", da.pad(a, (2, 3), "reflect"))
show("pad.symmetric", da.pad(a, (2, 3), "symmetric"))
show("pad.wrap", da.pad(a, (2, 3), "wrap"))
x, y = da.ones(10, chunks=((5, 2, 3),)), da.ones(10, chunks=((2, 3, 5),))
show("unify_chunks", x + y)

# Linear algebra.
a, b = of([[1, 0], [0, 1]], 1), of([[4, 1], [2, 2]])
show("dot", da.dot(a, b))
show("matmul.vector", da.matmul(a, of([1, 2], 1)))
show("matmul.before", da.matmul(of([1, 2], 1), b))
z = da.dot(of([2j, 3j], 1), of([2j, 3j]))
show("dot.complex", da.stack([z.real, z.imag]))
a, b = da.arange(60.0, chunks=60).reshape(3, 4, 5).rechunk(2), da.arange(24.0, chunks=24).reshape(4, 3, 2).rechunk(2)
show("tensordot", da.tensordot(a, b, axes=([1, 0], [0, 1])))
show("tensordot.0", da.tensordot(of([[1, 2], [3, 4]], 1), of([[5, 6], [7, 8]]), axes=0))
show("outer", da.outer(da.ones(5, chunks=2), da.linspace(-2, 2, 5, chunks=3)))
show("cov", da.cov(of([[0, 1, 2], [2, 1, 0]], 2)))
show("cov.two", da.cov(da.stack([of([-2.1, -1, 4.3]), of([3, 1.1, 0.12])])))
rows = [[0.77395605, 0.43887844, 0.85859792], [0.69736803, 0.09417735, 0.97562235], [0.7611397, 0.78606431, 0.12811363]]
show("corrcoef", da.corrcoef(of(rows)))
show("diag", da.diag(da.arange(9, chunks=9).reshape((3, 3)).rechunk(2)))
show("trace", da.trace(da.eye(3, chunks=2)))
show("norm", da.linalg.norm((da.arange(9, chunks=4) - 4).astype("f8")))
show("norm.matrix", da.linalg.norm((da.arange(9, chunks=9) - 4).astype("f8").reshape((3, 3)).rechunk(2)))
show("npy_stack", da.ones((5, 10, 10), chunks=(2, 4, 4)).sum(axis=(1, 2)))

# What is found, ordered and counted.
show("tri", da.tri(3, 5, 2))
show("tri.below", da.tri(3, 5, -1))
show("diag.of", da.diag(da.diag(da.arange(9, chunks=9).reshape((3, 3)).rechunk(2))))
x = of([[1, 2, 3], [4, 5, 6], [7, 8, 9], [10, 11, 12]])
show("tril", da.tril(x, -1))
show("triu", da.triu(x, -1))
a = da.arange(8, chunks=3).reshape((2, 2, 2))
show("diagonal", da.diagonal(a, 0, 0, 1))
show("diagonal.1", da.diagonal(da.arange(4, chunks=2).reshape((2, 2)), 1))
x, y = da.meshgrid(da.linspace(0, 1, 3, chunks=2), da.linspace(0, 1, 2, chunks=1))
show("meshgrid.x", x)
show("meshgrid.y", y)
show("isin", da.isin(2 * da.arange(4, chunks=2).reshape((2, 2)), [1, 2, 4, 8]))
show("digitize", da.digitize(of([0.2, 6.4, 3.0, 1.6]), bins=np.array([0.0, 1.0, 2.5, 4.0, 10.0])))
x = of([1.2, 10.0, 12.4, 15.5, 20.0])
show("digitize.right", da.digitize(x, bins=np.array([0, 5, 10, 15, 20]), right=True))
show("digitize.left", da.digitize(x, bins=np.array([0, 5, 10, 15, 20]), right=False))
x = of([11, 12, 13, 14, 15])
show("searchsorted", da.searchsorted(x, of([-10, 20, 12, 13])))
show("searchsorted.right", da.searchsorted(x, of([13]), side="right"))
show("histogram.edges", da.histogram(of([1, 2, 1]), bins=np.array([0, 1, 2, 3]))[0])
show("histogram.density", da.histogram(da.arange(4, chunks=2), bins=np.arange(5), density=True)[0])
x, y = of([2, 4, 2, 4, 2, 4]), of([2, 2, 4, 4, 2, 4])
show("histogram2d", da.histogram2d(x, y, bins=2, range=((0, 6), (0, 6)))[0])
w = of([0.3, 0.5, 0.2, 0.7, 1.0, -0.6])
show("bincount.weights", da.bincount(of([0, 1, 1, 2, 2, 2]), weights=w, minlength=3))
values, counts = da.unique(of([1, 2, 6, 4, 2, 3, 2]), return_counts=True)
show("unique.values", values)
show("unique.counts", counts)
x = of([[nan, 4], [2, 3]])
for name in ("nanargmax", "nanargmin"):
    for axis in (0, 1):
        show(f"{name}.{axis}", getattr(da, name)(x, axis=axis))
x = of([[1, 2], [3, nan]], 1)
for name in ("nancumsum", "nancumprod"):
    for axis in (0, 1):
        show(f"{name}.{axis}", getattr(da, name)(x, axis=axis))
for axis in (0, 1):
    show(f"nanmedian.{axis}", da.nanmedian(of([[10.0, nan, 4], [3, 2, 1]]), axis=axis))
f = of([1.0, 2.0, 4.0, 7.0, 11.0, 16.0], 3)
show("gradient", da.gradient(f, axis=0))
show("gradient.2", da.gradient(f, 2, axis=0))
show("gradient.rows", da.gradient(of([[1.0, 2, 6], [3, 4, 5]], 3), axis=0))
show("ediff1d", da.ediff1d(of([1, 2, 4, 7, 0])))
show("average.rows", da.average(da.arange(6, chunks=2).reshape((3, 2)), axis=1, weights=np.array([1 / 4, 3 / 4])))
x = da.arange(6, chunks=4).reshape((2, 3))
show("argwhere", da.argwhere(x > 1))
show("flatnonzero", da.flatnonzero(da.arange(-2, 3, chunks=2)))
x = da.arange(12, chunks=5).reshape((3, 4))
show("extract", da.extract(x % 3 == 0, x))
show("isclose", da.isclose(of([1e10, 1e-7]), of([1.00001e10, 1e-8])))
show("isclose.near", da.isclose(of([1e10, 1e-8]), of([1.00001e10, 1e-9])))
show("isclose.nan", da.isclose(of([1.0, nan]), of([1.0, nan])))
show("allclose.far", da.allclose(of([1e10, 1e-8]), of([1.0001e10, 1e-9])))
show("fmod", da.fmod(of([-3, -2, -1, 1, 2, 3]), 2))
show("remainder.floored", da.remainder(of([-3, -2, -1, 1, 2, 3]), 2))
show("copysign", da.copysign(of([-1.0, 0.0, 1.0]), -1.1))
show("signbit", da.signbit(of([1.0, -2.3, 2.1])))
show("nan_to_num", da.nan_to_num(of([inf, -inf, nan, -128.0, 128.0])))
show("logaddexp", da.logaddexp(da.log(of([1e-50])), da.log(of([2.5e-50]))))
show("degrees", da.degrees(da.arange(12.0, chunks=5) * pi / 6))
a, b = da.arange(25, chunks=25).reshape((5, 5)).rechunk(2), da.arange(5, chunks=3)
for subscripts, operands in (("ii", [a]), ("ii->i", [a]), ("ij->i", [a]), ("ij,j", [a, b]), ("i,i", [b, b]), ("i,j", [b, b]), ("ji", [a])):
    show(f"einsum.{subscripts.replace(',', '_').replace('->', '_to_')}", da.einsum(subscripts, *operands))
a = da.arange(60.0, chunks=60).reshape((3, 4, 5)).rechunk(2)
b = da.arange(24.0, chunks=24).reshape((4, 3, 2)).rechunk(2)
show("einsum.two", da.einsum("ijk,jil->kl", a, b))
a, b = da.arange(16, chunks=16).reshape((2, 2, 4)).rechunk(2), da.arange(16, chunks=16).reshape((2, 4, 2)).rechunk(2)
show("matmul.stacks", da.matmul(a, b))
a, b = da.eye(2, chunks=1) * 2, da.eye(3, chunks=2) * 3
show("block", da.block([[a, da.zeros((2, 3))], [da.ones((3, 2)), b]]))
