"""What NumPy, dask.array and numexpr users write for the jobs of `cargo bench --bench arrays`.

Started by the bench, which asks over stdin, a line each, and reads one line of answer:

    has                  the libraries there are, as `name=version`
    load <name> <file>   reads an .npy file into memory, as array `name`
    run <library> <job>  `seconds value`: one run, and the checksum of its result
    peak                 the process's peak resident memory so far, in KiB

Two threads: the bench sets OPENBLAS_NUM_THREADS and NUMEXPR_NUM_THREADS. Chunks are what dask chooses (`"auto"`), unless the job names them.
Imports, reading files and wrapping arrays in memory happen outside of the time.
"""

import importlib.metadata
import importlib.util
import sys
import time

JOBS = {}
ARRAYS = {}
THREADS = 2


def job(function):
    """Registers `library__job`, a function of the arrays that it names."""
    JOBS[tuple(function.__name__.split("__", 1))] = function
    return function


# Arrays in memory.


@job
def numpy__sum_axis0(x):
    return x.sum(axis=0)


@job
def dask__sum_axis0(x):
    return x.sum(axis=0).compute()


@job
def numpy__sum_axis1(x):
    return x.sum(axis=1)


@job
def dask__sum_axis1(x):
    return x.sum(axis=1).compute()


@job
def numpy__standardize(x):
    return ((x - x.mean()) / x.std()).sum()


@job
def dask__standardize(x):
    return ((x - x.mean()) / x.std()).sum().compute()


# The sum above is 0 but for rounding. This one is not; it is compared, and not timed.
@job
def numpy__check_standardize(x):
    return np.abs((x - x.mean()) / x.std()).sum()


@job
def dask__check_standardize(x):
    return da.abs((x - x.mean()) / x.std()).sum().compute()


@job
def numpy__elementwise(x):
    return (np.sin(x + 1) * 2 + x**2).sum()


@job
def dask__elementwise(x):
    return (da.sin(x + 1) * 2 + x**2).sum().compute()


@job
def numexpr__elementwise(x):
    # Quicker than `.sum()` of what it evaluates to, which is an array of 800 MB.
    return numexpr.evaluate("sum(sin(x + 1) * 2 + x**2)")


# Random numbers made on the way.


@job
def numpy__random_sum_axis0():
    return np.random.default_rng(1).random((20_000, 5_000)).sum(axis=0)


@job
def dask__random_sum_axis0():
    return da.random.default_rng(1).random((20_000, 5_000)).sum(axis=0).compute()


@job
def numpy__random_mean():
    return np.random.default_rng(1).random(800_000_000).mean()


@job
def dask__random_mean():
    return da.random.default_rng(1).random(800_000_000).mean().compute()


# Stencils.


def step(x):
    """A step inside an array: its edge is left out."""
    return (x[1:-1, 1:-1] + x[:-2, 1:-1] + x[2:, 1:-1] + x[1:-1, :-2] + x[1:-1, 2:]) * 0.2


@job
def numpy__stencil(x):
    for _ in range(10):
        x = step(np.pad(x, 1, mode="wrap"))
    return x


@job
def dask__stencil(x):
    for _ in range(10):
        x = x.map_overlap(lambda block: np.pad(step(block), 1), depth=1, boundary="periodic")
    return x.compute()


# Other chunks.


@job
def dask__rechunk():
    x = da.random.default_rng(1).random((14_000, 14_000), chunks=(100, 14_000))
    return x.rechunk((14_000, 100)).sum(axis=0).compute()


@job
def dask__rechunk_blocks():
    x = da.random.default_rng(1).random((14_000, 14_000), chunks=(100, 14_000))
    x = x.map_blocks(lambda block: block * 2)
    return x.rechunk((14_000, 100)).sum(axis=0).compute()


@job
def numpy__dot(x):
    return x.dot(x.T + 1)


@job
def dask__dot(x):
    return x.dot(x.T + 1).compute()


@job
def numpy__svd(x):
    u, s, vt = np.linalg.svd(x, full_matrices=False)
    return s


@job
def dask__svd(x):
    u, s, vt = da.linalg.svd(x.rechunk((25_000, 50)))
    return da.compute(u, s, vt)[1]


@job
def numpy__svd_compressed(x):
    # As ours: ten more vectors than are wanted, two power iterations, each with a QR between its products.
    rng = np.random.default_rng(0)
    q, _ = np.linalg.qr(x @ rng.standard_normal((x.shape[1], 20)))
    for _ in range(2):
        q, _ = np.linalg.qr(x.T @ q)
        q, _ = np.linalg.qr(x @ q)
    u, s, vt = np.linalg.svd(q.T @ x, full_matrices=False)
    u = q @ u[:, :10]
    return s[:1]


@job
def dask__svd_compressed(x):
    u, s, vt = da.linalg.svd_compressed(x, k=10, n_power_iter=2, n_oversamples=10, seed=0)
    return da.compute(u, s, vt)[1][:1]


def checksum(result):
    """The sum of the elements, each times 1 + its place modulo 7, so that exchanged elements show."""
    flat = np.asarray(result).ravel()
    return float(sum((place + 1) * flat[place::7].sum() for place in range(min(7, flat.size))))


def load_library(library):
    """Imports on demand, so that the peak of one library holds no other."""
    global da, numexpr
    if library == "dask" and "da" not in globals():
        import dask
        import dask.array as da

        dask.config.set(scheduler="threads", num_workers=THREADS)
    if library == "numexpr" and "numexpr" not in globals():
        import numexpr

        numexpr.set_num_threads(THREADS)


def argument(library, name):
    if library != "dask":
        return ARRAYS[name]
    key = "dask " + name
    if key not in ARRAYS:
        ARRAYS[key] = da.from_array(ARRAYS[name], chunks="auto")
    return ARRAYS[key]


def run(library, name):
    load_library(library)
    function = JOBS[library, name]
    code = function.__code__
    arguments = [argument(library, each) for each in code.co_varnames[: code.co_argcount]]
    start = time.perf_counter()
    result = function(*arguments)
    seconds = time.perf_counter() - start
    return f"{seconds!r} {checksum(result)!r}"


def peak():
    with open("/proc/self/status") as status:
        return next(line.split()[1] for line in status if line.startswith("VmHWM"))


def answer(command, *words):
    if command == "has":
        there = [name for name in ("numpy", "dask", "numexpr") if importlib.util.find_spec(name)]
        return " ".join(f"{name}={importlib.metadata.version(name)}" for name in there)
    if command == "load":
        name, file = words
        ARRAYS[name] = np.load(file)
        return "loaded"
    if command == "run":
        return run(*words)
    if command == "peak":
        return peak()
    return f"error: no command {command}"


if importlib.util.find_spec("numpy"):
    import numpy as np

# Only answers go to the bench.
answers, sys.stdout = sys.stdout, sys.stderr
for line in sys.stdin:
    try:
        text = answer(*line.rstrip("\n").split(" ", 2))
    except Exception as problem:
        text = f"error: {problem!r}"
    print(text, file=answers, flush=True)
