"""What users of polars, DuckDB, dask.dataframe and pandas write for the jobs of `cargo bench --bench frames`.

Started by the bench, a process for each job, so that its peak of memory is the job's:

    baseline.py has                                the libraries there are, as `name=version`
    baseline.py <library> <job> <folder>           runs it once, prints `seconds peak`, the peak of resident memory in KiB
    baseline.py <library> <job> <folder> <result>  as before, and writes the result: tab-separated, keys first, no header,
                                                   times as dates, nothing where a value is missing

Two threads: the bench sets POLARS_MAX_THREADS, the others are told below. Imports and `setup` happen outside of the time; what is
timed begins with the names of the files and ends with the result in memory. `NA` is told to those whose own missing values it is
not, and types where a library guesses them wrongly or slowly.
"""

import importlib.metadata
import importlib.util
import sys
import time

THREADS = 2
JOBS = {}
CSV, PARQUET, PLANES = "flights-*.csv", "flights-*.parquet", "planes.csv"
TIME = "%Y-%m-%dT%H:%M:%SZ"


def job(function):
    """Registers `library__job`, a function of the folder."""
    JOBS[tuple(function.__name__.split("__", 1))] = function
    return function


# polars. `polars-memory` runs the same with its other engine.


def scan_csv(folder):
    return pl.scan_csv(f"{folder}/{CSV}", null_values="NA")


def scan_parquet(folder):
    return pl.scan_parquet(f"{folder}/{PARQUET}")


@job
def polars__J1(folder):
    return scan_csv(folder).group_by("carrier").agg(pl.col("dep_delay").mean())


@job
def polars__J2(folder):
    return (
        scan_csv(folder)
        .filter(pl.col("dep_delay") > 0)
        .group_by("origin", "carrier")
        .agg(
            pl.col("arr_delay").mean().alias("mean"),
            pl.len().alias("n"),
            pl.col("arr_delay").std().alias("std"),
        )
    )


@job
def polars__J3(folder):
    # `group_by_dynamic` wants sorted times, and these are not; weeks that have rows are the same.
    week = pl.col("time_hour").str.to_datetime(TIME).dt.truncate("1w").alias("t")
    return scan_csv(folder).group_by(week).agg(pl.col("dep_delay").mean())


@job
def polars__J4(folder):
    return scan_csv(folder).select(pl.col("dep_delay").rolling_mean(100).max())


@job
def polars__J5(folder):
    return scan_parquet(folder).group_by("carrier").agg(pl.col("dep_delay").mean())


@job
def polars__J6(folder):
    keys = [pl.col("tailnum"), pl.col("time_hour").dt.date().alias("day")]
    return (
        scan_parquet(folder).group_by(keys).agg(pl.col("dep_delay").mean().alias("mean"), pl.len().alias("n"))
    )


@job
def polars__J7(folder):
    planes = pl.scan_csv(f"{folder}/{PLANES}", null_values="NA")
    return (
        scan_csv(folder)
        .join(planes, on="tailnum")
        .group_by("manufacturer")
        .agg(pl.col("arr_delay").mean().alias("mean"), pl.len().alias("n"))
    )


# DuckDB.


def read_csv(folder):
    return f"read_csv('{folder}/{CSV}', nullstr = 'NA')"


def read_parquet(folder):
    return f"read_parquet('{folder}/{PARQUET}')"


@job
def duckdb__J1(folder):
    return f"select carrier, avg(dep_delay) from {read_csv(folder)} group by carrier"


@job
def duckdb__J2(folder):
    return f"""select origin, carrier, avg(arr_delay), count(*), stddev_samp(arr_delay) from {read_csv(folder)}
        where dep_delay > 0 group by origin, carrier"""


@job
def duckdb__J3(folder):
    # What it takes `time_hour` for by itself.
    return f"select date_trunc('week', time_hour), avg(dep_delay) from {read_csv(folder)} group by 1"


@job
def duckdb__J4(folder):
    # Windows with fewer than a hundred values have no mean.
    return f"""select max(mean) from (
        select avg(dep_delay) over hundred as mean, count(dep_delay) over hundred as n from {read_csv(folder)}
        window hundred as (rows between 99 preceding and current row)) where n = 100"""


@job
def duckdb__J5(folder):
    return f"select carrier, avg(dep_delay) from {read_parquet(folder)} group by carrier"


@job
def duckdb__J6(folder):
    return f"""select tailnum, time_hour::date, avg(dep_delay), count(*) from {read_parquet(folder)}
        group by 1, 2"""


@job
def duckdb__J7(folder):
    return f"""select manufacturer, avg(arr_delay), count(*) from {read_csv(folder)}
        join read_csv('{folder}/{PLANES}', nullstr = 'NA') using (tailnum) group by manufacturer"""


# dask.dataframe. Whole numbers with missing ones among them are floating-point numbers to it, which it has to be told: it guesses from
# the first lines. `dask-usecols` is told as well which columns are read, which dask does not find out for CSV.

FLOATS = {name: "float64" for name in ("dep_time", "dep_delay", "arr_time", "arr_delay", "air_time")}


def dask_csv(folder, columns):
    if not IS_TOLD_COLUMNS:
        return dd.read_csv(f"{folder}/{CSV}", dtype=FLOATS)
    types = {name: FLOATS[name] for name in columns if name in FLOATS}
    return dd.read_csv(f"{folder}/{CSV}", usecols=columns, dtype=types)


def dask_parquet(folder, columns):
    return dd.read_parquet(f"{folder}/{PARQUET}", columns=columns)


@job
def dask__J1(folder):
    return dask_csv(folder, ["carrier", "dep_delay"]).groupby("carrier").dep_delay.mean()


@job
def dask__J2(folder):
    flights = dask_csv(folder, ["dep_delay", "arr_delay", "carrier", "origin"])
    return flights[flights.dep_delay > 0].groupby(["origin", "carrier"]).arr_delay.agg(["mean", "size", "std"])


@job
def dask__J3(folder):
    # `resample` wants sorted divisions, and the rows are not sorted; weeks that have rows are the same.
    flights = dask_csv(folder, ["dep_delay", "time_hour"])
    day = dd.to_datetime(flights.time_hour, format=TIME).dt.floor("D")
    week = day - dd.to_timedelta(day.dt.dayofweek, unit="D")
    return flights.assign(t=week).groupby("t").dep_delay.mean()


# No J4: "Can only rolling dataframes with known divisions".


@job
def dask__J5(folder):
    return dask_parquet(folder, ["carrier", "dep_delay"]).groupby("carrier").dep_delay.mean()


@job
def dask__J6(folder):
    flights = dask_parquet(folder, ["tailnum", "time_hour", "dep_delay"])
    flights = flights.assign(day=flights.time_hour.dt.floor("D"))
    groups = flights.groupby(["tailnum", "day"], dropna=False).dep_delay
    return groups.agg(["mean", "size"], split_out=4)


@job
def dask__J7(folder):
    planes = pd.read_csv(f"{folder}/{PLANES}")
    flights = dask_csv(folder, ["tailnum", "arr_delay"]).merge(planes, on="tailnum")
    return flights.groupby("manufacturer").arr_delay.agg(["mean", "size"])


# pandas, where what it needs at once is a few GB.


def pandas_csv(folder, columns):
    files = sorted(glob.glob(f"{folder}/{CSV}"))
    return pd.concat([pd.read_csv(file, usecols=columns) for file in files], ignore_index=True)


@job
def pandas__J1(folder):
    return pandas_csv(folder, ["carrier", "dep_delay"]).groupby("carrier").dep_delay.mean()


@job
def pandas__J2(folder):
    flights = pandas_csv(folder, ["dep_delay", "arr_delay", "carrier", "origin"])
    return flights[flights.dep_delay > 0].groupby(["origin", "carrier"]).arr_delay.agg(["mean", "size", "std"])


@job
def pandas__J3(folder):
    flights = pandas_csv(folder, ["dep_delay", "time_hour"])
    times = pd.to_datetime(flights.time_hour, format=TIME)
    return flights.set_index(times).dep_delay.resample("W-MON", closed="left", label="left").mean()


@job
def pandas__J4(folder):
    return pandas_csv(folder, ["dep_delay"]).rolling(100).mean().max()


@job
def pandas__J5(folder):
    flights = pd.read_parquet(folder_of_parquet(folder), columns=["carrier", "dep_delay"])
    return flights.groupby("carrier").dep_delay.mean()


@job
def pandas__J6(folder):
    flights = pd.read_parquet(folder_of_parquet(folder), columns=["tailnum", "time_hour", "dep_delay"])
    groups = flights.groupby(["tailnum", flights.time_hour.dt.floor("D")], dropna=False).dep_delay
    return groups.agg(["mean", "size"])


@job
def pandas__J7(folder):
    planes = pd.read_csv(f"{folder}/{PLANES}")
    flights = pandas_csv(folder, ["tailnum", "arr_delay"]).merge(planes, on="tailnum")
    return flights.groupby("manufacturer").arr_delay.agg(["mean", "size"])


def folder_of_parquet(folder):
    return sorted(glob.glob(f"{folder}/{PARQUET}"))


# What libraries are told, how their jobs are run, and how results are written.


def setup(library):
    """Imports what the job needs, and no more."""
    global pl, connection, dd, pd, glob, IS_TOLD_COLUMNS
    if library in ("polars", "polars-memory"):
        import polars as pl

        assert pl.thread_pool_size() == THREADS, "POLARS_MAX_THREADS is to be set"
    if library == "duckdb":
        import duckdb

        # Results leave it by way of Arrow.
        import pyarrow  # noqa: F401

        connection = duckdb.connect()
        connection.execute(f"set threads = {THREADS}; set TimeZone = 'UTC'")
    if library in ("dask", "dask-usecols", "pandas"):
        import glob

        import pandas as pd

        if library == "pandas":
            import pyarrow as pa

            pa.set_cpu_count(THREADS)
            pa.set_io_thread_count(THREADS)
    if library in ("dask", "dask-usecols"):
        import dask
        import dask.dataframe as dd

        dask.config.set(scheduler="threads", num_workers=THREADS)
        IS_TOLD_COLUMNS = library == "dask-usecols"


def run(library, name, folder):
    if library == "polars":
        return JOBS["polars", name](folder).collect(engine="streaming")
    if library == "polars-memory":
        return JOBS["polars", name](folder).collect(engine="in-memory")
    if library == "duckdb":
        return connection.sql(JOBS["duckdb", name](folder)).to_arrow_table()
    if library in ("dask", "dask-usecols"):
        return JOBS["dask", name](folder).compute()
    return JOBS["pandas", name](folder)


def write(library, result, path):
    if library in ("polars", "polars-memory", "duckdb"):
        import polars as pl

        table = pl.DataFrame(pl.from_arrow(result)) if library == "duckdb" else result
        times = pl.selectors.temporal().dt.strftime("%Y-%m-%d")
        table.with_columns(times).write_csv(path, separator="\t", include_header=False)
        return
    import pandas as pd

    if isinstance(result, float):
        result = pd.DataFrame({"value": [result]})
    elif result.index.dtype == object or isinstance(result.index, pd.MultiIndex) or result.index.name:
        result = result.reset_index()
    elif isinstance(result, pd.Series):
        result = result.to_frame().reset_index(drop=True)
    result.to_csv(path, sep="\t", header=False, index=False, date_format="%Y-%m-%d")


def peak_kib():
    """Of this process; on systems without /proc what `getrusage` says, in KiB but on macOS."""
    try:
        with open("/proc/self/status") as status:
            return int(next(line.split()[1] for line in status if line.startswith("VmHWM")))
    except OSError:
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak // 1024 if sys.platform == "darwin" else peak


# The packages that each needs, its own first.
PACKAGES = {
    "polars": ["polars"],
    "polars-memory": ["polars"],
    "duckdb": ["duckdb", "pyarrow", "polars"],
    "dask": ["dask", "pandas", "pyarrow"],
    "dask-usecols": ["dask", "pandas", "pyarrow"],
    "pandas": ["pandas", "pyarrow"],
}


def has():
    is_there = lambda package: importlib.util.find_spec(package) is not None
    there = [name for name, packages in PACKAGES.items() if all(map(is_there, packages))]
    return " ".join(f"{name}={importlib.metadata.version(PACKAGES[name][0])}" for name in there)


def main():
    match sys.argv[1:]:
        case ["has"]:
            print(has())
        case [library, name, folder, *result]:
            setup(library)
            start = time.perf_counter()
            value = run(library, name, folder)
            seconds = time.perf_counter() - start
            print(f"{seconds!r} {peak_kib()}", flush=True)
            if result:
                write(library, value, result[0])
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main()
