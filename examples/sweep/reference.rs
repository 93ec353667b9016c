//! The sweep's numbers against statsmodels'.
//!
//! In: `examples/data/holt_reference.csv` (columns `origin,alpha,beta,rmse,level,trend`, made by
//! `make_holt_reference.py` beside it) and the ranking of the shipped data. Out: one line that says how
//! far they are apart, or an error that names the first point that is too far.
//!
//! The script defines the filling, the recurrence and the mean exactly as `weather` and `holt` do; only
//! the order of the sum of squares differs.

use std::{error::Error as StdError, path::Path};

use crate::{ranking::Ranking, weather::Series};

/// The largest relative difference that passes. Summing 8,730 squares in another order moves the last
/// two or three digits of sixteen.
const DIFFERENCE_MAX: f64 = 1e-9;

/// Compares every point of the reference file and says how it went.
pub(crate) fn check(
    path: &Path,
    series: &[Series],
    ranking: &Ranking,
) -> Result<String, Box<dyn StdError>> {
    let explain = |error: csv::Error| {
        let remedy = "make it with `python examples/data/make_holt_reference.py`";
        format!("cannot read {}: {error}; {remedy}", path.display())
    };
    let mut reader = csv::Reader::from_path(path).map_err(explain)?;
    let mut points = 0;
    let mut worst: f64 = 0.0;
    for record in reader.deserialize() {
        let (origin, alpha, beta, rmse, level, trend): (String, f64, f64, f64, f64, f64) =
            record.map_err(explain)?;
        let point = format!("{origin}, alpha {alpha}, beta {beta}");
        let fit = series
            .iter()
            .position(|s| s.origin == origin)
            .and_then(|airport| ranking.at((airport, alpha, beta)))
            .ok_or_else(|| format!("the reference point {point} is not in the sweep"))?;
        for (name, ours, theirs) in
            [("RMSE", fit.rmse, rmse), ("level", fit.level, level), ("trend", fit.trend, trend)]
        {
            let difference = (ours - theirs).abs() / theirs.abs();
            if difference.is_nan() || difference > DIFFERENCE_MAX {
                return Err(format!("{point}: {name} is {ours}, statsmodels has {theirs}").into());
            }
            worst = worst.max(difference);
        }
        points += 1;
    }
    if points == 0 {
        return Err(format!("{} has no reference points", path.display()).into());
    }
    Ok(format!(
        "{points} reference points equal statsmodels' to {DIFFERENCE_MAX:e} relative (worst {worst:.1e})"
    ))
}
