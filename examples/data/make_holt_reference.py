"""Writes holt_reference.csv: what statsmodels says at five points of the sweep example.

In:  weather.csv beside this script.
Out: holt_reference.csv, columns origin,alpha,beta,rmse,level,trend.

    python -m venv venv && venv/bin/pip install statsmodels==0.15.0 pandas==3.1.1 numpy==2.4.6 scipy==1.17.1
    venv/bin/python examples/data/make_holt_reference.py

Definitions, the same in examples/sweep/:
1. Series of an airport: one temperature per hour from its first to its last hour with a known one.
   An hour whose row is absent or whose field is empty is filled on the straight line between its
   nearest known neighbours: left + (right - left) * (steps from left / steps from left to right).
2. Holt's linear method on y[0..n], with the state before y[0] set to level = y[0] and
   trend = y[1] - y[0]; the forecast of y[t] is level + trend, then
   level' = alpha * y[t] + (1 - alpha) * (level + trend)
   trend' = beta * (level' - level) + (1 - beta) * trend
3. rmse = sqrt(sum of (y[t] - forecast of y[t])^2 over all n hours, t = 0 included, divided by n).
   The term t = 0 is y[0] - y[1], by 2.
4. level and trend are those after the last hour.
"""

import csv
import math
import platform
from datetime import datetime
from pathlib import Path

import numpy
import pandas
import scipy
import statsmodels
from statsmodels.tsa.holtwinters import Holt

HERE = Path(__file__).parent
# All on the grid of the sweep: 0.01, 0.02, ... 1.00 for both.
POINTS = [
    ("EWR", 0.1, 0.1),
    ("JFK", 0.5, 0.25),
    ("LGA", 0.9, 0.02),
    ("EWR", 1.0, 0.37),
    ("JFK", 0.03, 1.0),
]


def read_series(path):
    known = {}
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["temp"] != "":
                hour = int(datetime.fromisoformat(row["time_hour"]).timestamp()) // 3600
                known.setdefault(row["origin"], []).append((hour, float(row["temp"])))
    return {origin: fill(hours) for origin, hours in known.items()}


def fill(known):
    filled = [known[0][1]]
    for (left_hour, left), (right_hour, right) in zip(known, known[1:]):
        gap = right_hour - left_hour
        filled += [left + (right - left) * (step / gap) for step in range(1, gap)]
        filled.append(right)
    return numpy.array(filled)


def by_statsmodels(y, alpha, beta):
    model = Holt(y, initialization_method="known", initial_level=y[0], initial_trend=y[1] - y[0])
    fit = model.fit(smoothing_level=alpha, smoothing_trend=beta, optimized=False)
    errors = y - fit.fittedvalues
    assert len(errors) == len(y)
    return math.sqrt(math.fsum(errors**2) / len(y)), float(fit.level[-1]), float(fit.trend[-1])


def by_hand(y, alpha, beta):
    """Definitions 2 to 4 as written: guards against statsmodels meaning something else by them."""
    level, trend, squares = y[0], y[1] - y[0], []
    for value in y:
        forecast = level + trend
        squares.append((value - forecast) ** 2)
        before, level = level, alpha * value + (1 - alpha) * forecast
        trend = beta * (level - before) + (1 - beta) * trend
    return math.sqrt(math.fsum(squares) / len(y)), level, trend


def main():
    series = read_series(HERE / "weather.csv")
    with (HERE / "holt_reference.csv").open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(("origin", "alpha", "beta", "rmse", "level", "trend"))
        for origin, alpha, beta in POINTS:
            values = by_statsmodels(series[origin], alpha, beta)
            for value, again in zip(values, by_hand(series[origin], alpha, beta)):
                assert math.isclose(value, again, rel_tol=1e-12), (origin, alpha, beta, value, again)
            out.writerow((origin, alpha, beta, *(format(value, ".17g") for value in values)))
    print(f"python {platform.python_version()}, statsmodels {statsmodels.__version__}, "
          f"pandas {pandas.__version__}, numpy {numpy.__version__}, scipy {scipy.__version__}")
    print({origin: len(y) for origin, y in series.items()})


if __name__ == "__main__":
    main()
