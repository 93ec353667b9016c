"""Makes pandas_rolling.csv, pandas_ordered.csv, pandas_resample.csv and pandas_clocks.csv: what pandas and dask say of series in order.

    pip install pandas 'dask[dataframe]'
    python make_time.py

The tests of `ordered` and `time` read them, and `it/zones`. Header cells say what a column is. Times are microseconds since 1970, of UTC; empty cells are
nulls (NaN in pandas). Where dask has the operation its result on four partitions is checked to be pandas' one.
"""

import itertools
import random

import dask.dataframe as dd
import numpy as np
import pandas as pd

random.seed(7)


def cell(value):
    return "" if pd.isna(value) else repr(float(value))


def micros(index):
    return [int(t) for t in index.as_unit("us").asi8]


def series(rows, tz=None, start="2013-01-01 20:15", ties=True):
    """Irregular times, some of them equal, and values, some of them missing."""
    steps = [random.choice([0, 1, 7, 30, 60, 240, 1440] if ties else [5, 30, 60, 240, 1440]) for _ in range(rows)]
    at = pd.Timestamp(start).as_unit("us") + pd.to_timedelta(np.cumsum(steps), unit="min")
    at = pd.DatetimeIndex(at).as_unit("us")
    if tz:
        at = at.tz_localize("UTC").tz_convert(tz)
    values = [np.nan if random.random() < 0.2 else round(random.uniform(-50, 50), 1) for _ in range(rows)]
    return pd.Series(values, index=at)


def write(path, columns):
    names = list(columns)
    with open(path, "w", newline="\n") as out:
        out.write(",".join(names) + "\n")
        for row in zip(*columns.values()):
            out.write(",".join(row) + "\n")


def rolling():
    s = series(48)
    columns = {"time": [str(t) for t in micros(s.index)], "x": [cell(v) for v in s]}
    stats = ["mean", "sum", "min", "max", "count", "std", "var", "median"]
    for window, center, closed, least in itertools.product(
        [1, 3, 4, 10, "90min", "6h", "2D"], [False, True], [None, "both", "left", "neither"], [None, 1, 2]
    ):
        if window == 1 and (least == 2 or closed == "neither"):
            continue
        # All statistics of the plain windows, one of the others.
        plain = closed is None and least != 2
        for stat in stats if plain else ["sum"]:
            r = s.rolling(window, min_periods=least, center=center, closed=closed)
            result = getattr(r, stat)()
            ours = {"90min": "90m", "2D": "2d"}.get(window, window)
            columns[f"{ours} {stat} {center} {closed or 'right'} {least or ''}".strip()] = [cell(v) for v in result]
            if closed is None and not (isinstance(window, str) and center):
                # Four partitions cannot part equal times: dask wants divisions to rise.
                d = dd.from_pandas(s.reset_index(drop=True) if isinstance(window, int) else s[~s.index.duplicated()], npartitions=4)
                p = s.reset_index(drop=True) if isinstance(window, int) else s[~s.index.duplicated()]
                of = lambda x: getattr(x.rolling(window, min_periods=least, center=center), stat)()
                try:
                    got = of(d).compute()
                except (NotImplementedError, ValueError) as error:
                    print("dask:", window, stat, center, least, str(error)[:80])
                    continue
                pd.testing.assert_series_equal(got, of(p), check_freq=False)
    for q in [0.0, 0.1, 0.5, 0.9, 1.0]:
        columns[f"5 quantile:{q} False right 1"] = [cell(v) for v in s.rolling(5, min_periods=1).quantile(q)]
        columns[f"1d quantile:{q} False right"] = [cell(v) for v in s.rolling("1D").quantile(q)]
    write("pandas_rolling.csv", columns)


def ordered():
    s = series(40).reset_index(drop=True)
    d = dd.from_pandas(s, npartitions=4)
    columns = {"x": [cell(v) for v in s]}
    steps = {
        **{f"shift {n}": (lambda x, n=n: x.shift(n)) for n in [1, -1, 3, -7, 50]},
        **{f"diff {n}": (lambda x, n=n: x.diff(n)) for n in [1, -2, 13]},
        "cum_sum": lambda x: x.cumsum(),
        "cum_prod": lambda x: x.cumprod(),
        "cum_min": lambda x: x.cummin(),
        "cum_max": lambda x: x.cummax(),
        "forward_fill": lambda x: x.ffill(),
        "forward_fill 1": lambda x: x.ffill(limit=1),
        "backward_fill": lambda x: x.bfill(),
        "backward_fill 1": lambda x: x.bfill(limit=1),
    }
    for name, step in steps.items():
        result = step(s)
        try:
            pd.testing.assert_series_equal(step(d).compute(), result)
        except (NotImplementedError, ValueError, AssertionError) as error:
            print("dask:", name, str(error)[:80].replace("\n", " "))
        columns[name] = [cell(v) for v in result]
    columns["pct_change 1"] = [cell(v) for v in s.pct_change(1)]
    columns["pct_change -2"] = [cell(v) for v in s.pct_change(-2)]
    write("pandas_ordered.csv", columns)


def resample():
    """One line a window: zone, rule, closed, label, offset, statistic, label of the window, value; and the series themselves."""
    rules = {
        "15m": "15min", "1h": "1h", "6h": "6h", "1d": "1D", "2d": "2D", "1w": "W-MON", "2w": "14D",
        "1mo": "MS", "1q": "QS", "1y": "YS",
    }  # fmt: skip
    lines = []
    for zone, start in [("", "2012-12-30 23:50"), ("Europe/Berlin", "2013-03-29 20:15"), ("America/New_York", "2013-10-31 12:00")]:
        s = series(60, zone or None, start)
        for t, v in zip(micros(s.index), s):
            lines.append(f"{zone},series,,,,,{t},{cell(v)}")
        for ours, theirs in rules.items():
            if zone and ours in ["15m", "6h", "2d", "2w"]:
                # pandas counts them from the first row's day, and by the hour, not by the clock.
                continue
            for closed, label, offset in itertools.product(["left", "right"], ["left", "right"], ["", "2h"]):
                if offset and (zone or ours not in ["6h", "1d", "2d"]):
                    continue
                if ours == "2w" and (closed, label) != ("left", "left"):
                    continue
                # From 1970 on; weeks from a Monday on.
                origin = pd.Timestamp("1970-01-05") if ours == "2w" else "epoch"
                more = {} if zone or ours in ["1w", "1mo", "1q", "1y"] else {"origin": origin}
                if offset:
                    more["offset"] = offset
                windows = s.resample(theirs, closed=closed, label=label, **more)
                if closed == "right" and (zone or ours in ["1w", "1mo", "1q", "1y"]):
                    # There pandas closes with the end of the day (`_adjust_bin_edges`), and begins with an empty window.
                    continue
                if ours in ["15m", "1h"] and (closed, label) != ("left" if zone else "right", "left"):
                    continue
                short = offset or ours in ["15m", "1h"]
                stats = ["sum"] if short else ["mean", "sum", "count", "min", "max", "first", "last"]
                for stat in stats:
                    result = getattr(windows, stat)()
                    for t, v in zip(micros(result.index), result):
                        lines.append(f"{zone},{ours},{closed},{label},{offset},{stat},{t},{cell(v)}")
    with open("pandas_resample.csv", "w", newline="\n") as out:
        out.write("zone,rule,closed,label,offset,stat,time,value\n")
        out.write("\n".join(lines) + "\n")


def clocks():
    """Days on which clocks are set: one line a row, or a window. Of `localize` the time is that of a clock, and what it never shows, or
    twice, has no result."""
    lines = []
    for zone, start in [
        ("Europe/Berlin", "2013-03-30 21:10"),
        ("Europe/Berlin", "2013-10-26 21:10"),
        ("America/New_York", "2013-03-09 21:10"),
        ("America/New_York", "2013-11-02 21:10"),
        ("America/Sao_Paulo", "2012-10-20 12:10"),
        ("America/Sao_Paulo", "2013-02-16 12:10"),
        ("Australia/Lord_Howe", "2013-04-06 03:10"),
        ("Australia/Lord_Howe", "2013-10-05 03:10"),
    ]:
        at = pd.date_range(pd.Timestamp(start, tz="UTC"), periods=48, freq="67min").as_unit("us").tz_convert(zone)
        s = pd.Series([round(random.uniform(-50, 50), 1) for _ in at], index=at)

        def add(op, times, values):
            lines.extend(f"{zone},{start},{op},{t},{v}" for t, v in zip(times, values))

        own = micros(at)
        add("series", own, [cell(v) for v in s])
        summer = np.array([bool(t.dst()) for t in at])
        for ours, theirs in {"30m": "30min", "1h": "h", "1d": "D"}.items():
            # Of a window that begins with a time that is there twice, the half that the row is in.
            floored = at.floor(theirs, ambiguous=summer, nonexistent="shift_forward")
            add(f"truncate {ours}", own, micros(floored))
        add("offset_by 1d", own, micros(pd.DatetimeIndex([later(t, days=1) for t in at])))
        add("offset_by 24h", own, micros(at + pd.Timedelta("24h")))
        for ours, theirs in {"3h": "3h", "1d": "24h"}.items():
            add(f"rolling {ours}", own, [cell(v) for v in s.rolling(theirs).sum()])
        for ours, theirs in {"1h": "h", "1d": "D", "1w": "W-MON", "1mo": "MS"}.items():
            if ours == "1h" and "Howe" in zone:
                # Its clock is set by half an hour, and pandas counts on from the first row.
                continue
            more = {"closed": "left", "label": "left"} if ours == "1w" else {}
            windows = s.resample(theirs, **more).sum()
            add(f"resample {ours}", micros(windows.index), [cell(v) for v in windows])
        shown = pd.date_range(at[0].tz_localize(None).floor("h"), periods=66, freq="30min")
        for clock in shown:
            try:
                result = micros(pd.DatetimeIndex([clock]).tz_localize(zone))[0]
            except ValueError:
                result = ""
            add("localize", micros(pd.DatetimeIndex([clock])), [result])
    with open("pandas_clocks.csv", "w", newline="\n") as out:
        out.write("zone,start,op,time,result\n")
        out.write("\n".join(lines) + "\n")


def later(time, days):
    """The same time some days later; where a clock leaps over it, the first one behind; where it is there twice, as pandas' DateOffset."""
    return (time.tz_localize(None) + pd.Timedelta(days=days)).tz_localize(time.tz, ambiguous=bool(time.dst()), nonexistent="shift_forward")


rolling()
ordered()
resample()
clocks()
