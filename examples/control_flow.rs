//! Results that steer the graph: a search by successive halving, which keeps the best third of its
//! candidates and gives them three times as much data.
//!
//!     cargo run --release --example control_flow [-- STEPS]
//!
//! ```text
//!           rung 0, 1/27 of the hours      rung 1, 1/9 of the hours            rung 3, all hours
//! series ─┬─ fit(prefix, 0.01, 0.01) ─┐            ┌─ fit ─┐                      ┌─ fit ─┐
//!         ├─ fit(prefix, 0.01, 0.02) ─┼─ score ~~~~┼─ …    ├─ score ~~~~ … ~~~~~~~┼─ …    ├─ score
//!         └─ …                       ─┘   .await   └─ fit ─┘   .await    .await   └─ fit ─┘
//! ```
//!
//! In: `examples/data/weather.csv`, and STEPS, the number of values of each parameter (default
//! 100; 20 is quick in a debug build). Out: for each airport the point that the search finds, its
//! place among all points of the grid when each is fitted to all hours, and the work that the
//! search did.
//!
//! The points are those of the example `sweep`, whose modules are used here: Holt's method with
//! STEPS × STEPS smoothing parameters. `.await` hands the block the scores of one rung;
//! which tasks come next depends on them, so that no graph of all tasks could have been drawn
//! beforehand.
//!
//! A prefix of a year is its winter, and what forecasts a winter well need not forecast a year
//! well: the search promises no optimum. Hence the whole grid is fitted too, as a graph without
//! `.await`, and the search is measured against it. The search is repeated as a plain loop as
//! well; the example ends with an error unless both graphs agree with plain loops bit for bit.
//! Each graph runs once, so the times are an impression, not a benchmark.
//!
//! Source of the method: K. Jamieson & A. Talwalkar, "Non-stochastic best arm identification and
//! hyperparameter optimization", AISTATS 2016.

// The sweep's modules offer more than this example uses.
#[allow(dead_code)]
#[path = "sweep/weather.rs"]
mod weather;

#[path = "sweep/holt.rs"]
mod holt;

#[allow(dead_code)]
#[path = "sweep/ranking.rs"]
mod ranking;

use std::{env, error::Error as StdError, path::Path, process::ExitCode, time::Instant};

use taskweave::gather;
use taskweave::prelude::*;

use holt::fit;
use ranking::{Point, Ranking, score};
use weather::Series;

/// One in so many candidates goes on to the next rung, which has so many times the hours.
const FACTOR: usize = 3;

/// Rungs: 1/27, 1/9, 1/3 and all of the hours.
const RUNGS: u32 = 4;

/// The finest grid accepted: a million points an airport.
const STEPS_MAX: u32 = 1000;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("control_flow: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn StdError>> {
    let steps = steps()?;
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/weather.csv");
    let series = weather::load(&data)?;
    let rungs: Vec<Vec<Series>> = (0..RUNGS).map(|rung| prefixes(&series, rung)).collect();
    let values: Vec<f64> = (1..=steps).map(|k| f64::from(k) / f64::from(steps)).collect();
    let grid: Vec<(f64, f64)> =
        values.iter().flat_map(|&alpha| values.iter().map(move |&beta| (alpha, beta))).collect();

    let started = Instant::now();
    let search = graph!({
        let mut candidates = vec![grid.clone(); series.len()];
        let mut hours = 0;
        let mut found = Vec::new();
        for prefixes in &rungs {
            let mut rankings = Vec::new();
            for (airport, (prefix, points)) in prefixes.iter().zip(&candidates).enumerate() {
                let mut fits = Vec::new();
                for &(alpha, beta) in points {
                    fits.push(((airport, alpha, beta), fit(prefix, alpha, beta)));
                    hours += prefix.temps.len();
                }
                rankings.push(score(fits));
            }
            found = gather(rankings).await; // This rung runs; its scores decide about the next.
            candidates = found.iter().map(best_third).collect();
        }
        (found, hours)
    });
    println!("search: {search}");
    let (found, hours) = search.compute()?;
    let search_seconds = started.elapsed().as_secs_f64();
    same("search", &found, &plain_search(&rungs, &grid))?;

    let started = Instant::now();
    let full = graph!({
        let mut rankings = Vec::new();
        for (airport, series) in series.iter().enumerate() {
            let mut fits = Vec::new();
            for &(alpha, beta) in &grid {
                fits.push(((airport, alpha, beta), fit(series, alpha, beta)));
            }
            rankings.push(score(fits));
        }
        rankings
    });
    println!("full grid: {full}");
    let all = full.compute()?;
    let full_seconds = started.elapsed().as_secs_f64();
    same("full grid", &all, &plain_search(std::slice::from_ref(&series), &grid))?;

    for ((series, found), all) in series.iter().zip(&found).zip(&all) {
        println!("{}", verdict(&series.origin, found, all)?);
    }
    let full_hours: usize = series.iter().map(|s| s.temps.len() * grid.len()).sum();
    let share = 100.0 * hours as f64 / full_hours as f64;
    println!("work: {hours} hours smoothed, {share:.1} % of the full grid's {full_hours}");
    println!("time: {search_seconds:.3} s, the full grid {full_seconds:.3} s");
    println!("both graphs' results equal the plain loops' bit for bit");
    Ok(())
}

/// The first argument, which is the number of values of each parameter.
fn steps() -> Result<u32, String> {
    let Some(text) = env::args_os().nth(1) else { return Ok(100) };
    match text.to_str().and_then(|text| text.parse().ok()) {
        Some(steps @ 1..=STEPS_MAX) => Ok(steps),
        _ => Err(format!(
            "STEPS is a number from 1 to {STEPS_MAX}, not `{}`; \
             for example: cargo run --release --example control_flow -- 20",
            text.display()
        )),
    }
}

/// The first hours of every series: all at the last rung, a third of those at the one before.
fn prefixes(series: &[Series], rung: u32) -> Vec<Series> {
    let part = FACTOR.pow(RUNGS - 1 - rung);
    let prefix = |s: &Series| {
        let hours = (s.temps.len() / part).max(2); // I1 of `weather`.
        let temps = s.temps[..hours].to_vec();
        Series { origin: s.origin.clone(), temps, rows: s.rows, filled: s.filled }
    };
    series.iter().map(prefix).collect()
}

/// The points of the best third, at least one.
fn best_third(ranking: &Ranking) -> Vec<(f64, f64)> {
    let kept = ranking.len().div_ceil(FACTOR);
    ranking.best().take(kept).map(|&((_, alpha, beta), _)| (alpha, beta)).collect()
}

/// What the search computes, without a graph; with one rung it is the full grid.
fn plain_search(rungs: &[Vec<Series>], grid: &[(f64, f64)]) -> Vec<Ranking> {
    let mut found = Vec::new();
    for (rung, prefixes) in rungs.iter().enumerate() {
        let mut rankings = Vec::new();
        for (airport, prefix) in prefixes.iter().enumerate() {
            let points = if rung == 0 { grid.to_vec() } else { best_third(&found[airport]) };
            let mut fits = Vec::new();
            for (alpha, beta) in points {
                fits.push(((airport, alpha, beta), fit(prefix, alpha, beta)));
            }
            rankings.push(score(fits));
        }
        found = rankings;
    }
    found
}

/// An error unless a graph's rankings are the plain loop's.
fn same(what: &str, graph: &[Ranking], plain: &[Ranking]) -> Result<(), String> {
    let equal = graph.len() == plain.len() && graph.iter().zip(plain).all(|(a, b)| a.same_bits(b));
    if equal { Ok(()) } else { Err(format!("the {what}: the graph differs from the plain loop")) }
}

/// How good the point that was found is among all points.
fn verdict(origin: &str, found: &Ranking, all: &Ranking) -> Result<String, String> {
    let (Some((point, fit)), Some((best, best_fit))) = (found.best().next(), all.best().next())
    else {
        return Err(format!("{origin} has no fits"));
    };
    let Some(before) = all.best().position(|(other, _)| other == point) else {
        return Err(format!("{origin}: {} is not in the full grid", show(point)));
    };
    let line = format!("{origin}: {}, RMSE {:.6} °F", show(point), fit.rmse);
    Ok(if before == 0 {
        format!("{line}: the optimum of the full grid")
    } else {
        let excess = fit.rmse - best_fit.rmse;
        let (place, points) = (before + 1, all.len());
        format!(
            "{line}: not the optimum, place {place} of {points}, {excess:.6} °F above {}",
            show(best)
        )
    })
}

fn show((_, alpha, beta): &Point) -> String {
    format!("alpha {alpha:.2} beta {beta:.2}")
}
