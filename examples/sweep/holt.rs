//! Holt's linear method with fixed parameters: a level and a trend, smoothed hour by hour.
//!
//! In: a [`Series`] `y[0..n]` with `n ≥ 2`, and the parameters `alpha` and `beta`. Out: a [`Fit`].
//!
//! The state before `y[0]` is `level = y[0]`, `trend = y[1] - y[0]`. Then for each hour
//!
//! ```text
//! forecast = level + trend
//! level'   = alpha · y[t] + (1 - alpha) · forecast
//! trend'   = beta · (level' - level) + (1 - beta) · trend
//! ```
//!
//! The error of an hour is `y[t] - forecast`, the forecast made one hour ahead. All `n` hours are in
//! the mean, also `y[0]`, whose error is `y[0] - y[1]` by the choice of the state before it.
//!
//! Sources: C. C. Holt, "Forecasting seasonals and trends by exponentially weighted moving averages",
//! ONR Memorandum 52, 1957, reprinted in International Journal of Forecasting 20 (2004) 5–10;
//! R. J. Hyndman & G. Athanasopoulos, "Forecasting: Principles and Practice", 3rd edition, section 8.2,
//! where `beta` is written β*. The initial state is the one handed to statsmodels in
//! `examples/data/make_holt_reference.py`.
//!
//! Not here: a search for the best parameters (that is the sweep), and checks of their range. A NaN
//! parameter gives a NaN fit, which `ranking` puts last.

use taskweave::prelude::*;

use crate::weather::Series;

/// One series smoothed with one pair of parameters.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fit {
    /// Root mean squared error of the one-step-ahead forecasts, in °F.
    pub(crate) rmse: f64,
    /// Level after the last hour, in °F.
    pub(crate) level: f64,
    /// Trend after the last hour, in °F per hour.
    pub(crate) trend: f64,
}

/// Smooths `series` with `alpha` for the level and `beta` for the trend.
#[delayed]
pub(crate) fn fit(series: &Series, alpha: f64, beta: f64) -> Fit {
    let y = &series.temps; // At least two, by I1 of `weather`.
    let mut level = y[0];
    let mut trend = y[1] - y[0];
    let mut squares = 0.0;
    for &value in y {
        let forecast = level + trend;
        let error = value - forecast;
        squares += error * error;
        let before = level;
        level = alpha * value + (1.0 - alpha) * forecast;
        trend = beta * (level - before) + (1.0 - beta) * trend;
    }
    let rmse = (squares / y.len() as f64).sqrt();
    Fit { rmse, level, trend }
}
