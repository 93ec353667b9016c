//! A parameter sweep on real data: which smoothing parameters of Holt's method forecast an airport's
//! temperature of the next hour best? 3 airports, 100 alphas, 100 betas: 30,000 fits and one score.
//!
//!     cargo run --release --example sweep [-- PATH/TO/weather.csv]
//!
//! ```text
//! series[0] ─┬─ fit(series[0], 0.01, 0.01) ─┐
//!            ├─ fit(series[0], 0.01, 0.02) ─┤
//! series[1] ─┼─ …                           ├─ score(fits) ── Ranking
//! series[2] ─┴─ fit(series[2], 1.00, 1.00) ─┘
//! ```
//!
//! In: `examples/data/weather.csv`, or the file named by the first argument. Out: the size of the
//! data, the graph, the five best points, and the time of the plain loop against the graph's.
//!
//! The plain loop and the graph are the same lines, calling the same functions; the example ends with
//! an error unless their results are equal bit for bit. The shipped data are also checked against
//! statsmodels ([`reference`]). Both run once, so the times are an impression, not a benchmark.
//!
//! [`weather`] loads and fills the series, [`holt`] fits one, [`ranking`] scores all.

mod weather;

mod holt;

mod ranking;

mod reference;

use std::{
    env,
    error::Error as StdError,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

use taskweave::prelude::*;

use holt::fit;
use ranking::{Ranking, score};
use weather::Series;

/// Steps of each smoothing parameter: 0.01, 0.02, … 1.00.
const STEPS: u32 = 100;

/// How many of the best points are printed.
const BEST: usize = 5;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sweep: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn StdError>> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data");
    let other = env::args_os().nth(1).map(PathBuf::from);
    let path = other.clone().unwrap_or_else(|| data.join("weather.csv"));
    let series = weather::load(&path)?;
    print_size(&path, &series);

    let grid: Vec<f64> = (1..=STEPS).map(|k| f64::from(k) / f64::from(STEPS)).collect();

    let started = Instant::now();
    let plain = plain_loop(&series, &grid);
    let plain_seconds = started.elapsed().as_secs_f64();

    let started = Instant::now();
    let graph = graph!({
        let mut fits = Vec::new();
        for (airport, series) in series.iter().enumerate() {
            for &alpha in &grid {
                for &beta in &grid {
                    fits.push(((airport, alpha, beta), fit(series, alpha, beta)));
                }
            }
        }
        score(fits)
    });
    let build_seconds = started.elapsed().as_secs_f64();
    println!("graph: {graph}");

    let started = Instant::now();
    let ranking = graph.compute()?;
    let compute_seconds = started.elapsed().as_secs_f64();

    print_best(&series, &ranking);
    let graph_seconds = build_seconds + compute_seconds;
    println!("plain loop: {plain_seconds:.3} s");
    println!(
        "graph: {graph_seconds:.3} s (build {build_seconds:.3} s, compute {compute_seconds:.3} s)"
    );
    println!("speed-up: {:.2} times", plain_seconds / graph_seconds);

    if !ranking.same_bits(&plain) {
        return Err("the graph's results differ from the plain loop's".into());
    }
    println!("all {} results equal the plain loop's bit for bit", ranking.len());

    if other.is_none() {
        println!("{}", reference::check(&data.join("holt_reference.csv"), &series, &ranking)?);
    } else {
        println!("statsmodels' values belong to the shipped data: not checked");
    }
    Ok(())
}

/// What the graph computes, without the graph.
fn plain_loop(series: &[Series], grid: &[f64]) -> Ranking {
    let mut fits = Vec::new();
    for (airport, series) in series.iter().enumerate() {
        for &alpha in grid {
            for &beta in grid {
                fits.push(((airport, alpha, beta), fit(series, alpha, beta)));
            }
        }
    }
    score(fits)
}

fn print_size(path: &Path, series: &[Series]) {
    let rows: usize = series.iter().map(|s| s.rows).sum();
    // As the README shows it, if it is the shipped file.
    let shown = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap_or(path);
    println!("data: {}, {rows} rows", shown.display());
    for s in series {
        println!(
            "  {}: {} rows, {} hours, {} missing hours filled by linear interpolation",
            s.origin,
            s.rows,
            s.temps.len(),
            s.filled
        );
    }
}

fn print_best(series: &[Series], ranking: &Ranking) {
    println!("best one-step-ahead forecasts (root mean squared error in °F):");
    for ((airport, alpha, beta), fit) in ranking.best().take(BEST) {
        let origin = &series[*airport].origin;
        println!("  {origin}  alpha {alpha:.2}  beta {beta:.2}  RMSE {:.6}", fit.rmse);
    }
}
