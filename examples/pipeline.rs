//! A graph that the compiler knows: one window of a thermometer's readings after the other goes
//! through the same eleven tasks, without building a graph again and without allocating.
//!
//!     cargo run --release --example pipeline
//!
//! ```text
//!          ┌─ jolt ──────────────────────────────────┐
//! window ──┼─ extremes ── swing ─────────────────────┤
//! 24 hours │                                         ├─ alert: the score
//!          └─ mean ── slope ─┬─ ahead ─┬─ frost ─────┤
//!                            │         └─ heat ──────┤
//!                            └─ residual ── surprise ┘
//!
//! (slope, residual and surprise read the window too; ahead, residual and surprise the mean)
//! ```
//!
//! In: the temperatures in `examples/data/weather.csv`, in °F, of the first airport. Out: the
//! facts of the graph, the window with the highest score, and the time of a run against a plain
//! function's.
//!
//! The tasks below stand in the order in which one reads them, from the score to its reasons; the
//! compiler sorts them. It also checks the claims about the graph: had a change made the longest
//! path longer than the assertion on `CRITICAL_PATH` allows, this file would not compile.
//!
//! The plain function makes the same calls in an order found by hand; the example ends with an
//! error unless every score is equal bit for bit. Each is timed once, so the times are an
//! impression, not a benchmark. To draw the graph, append `| sed -n '/^digraph/,/^}/p' | dot
//! -Tsvg` to the command.

// The sweep's module offers more than this example uses.
#[allow(dead_code)]
#[path = "sweep/weather.rs"]
mod weather;

use std::{error::Error as StdError, hint::black_box, path::Path, process::ExitCode};
use std::{time::Duration, time::Instant};

use taskweave::prelude::*;
use taskweave::static_graph;

/// Hours in a window.
const WINDOW: usize = 24;

/// How many windows are scored, cyclically over the year.
const RUNS: usize = 100_000;

/// How far ahead the line through a window is followed.
const AHEAD_HOURS: f64 = 6.0;

/// Water freezes, in °F.
const FROST: f64 = 32.0;

/// Where heat begins to count, in °F: a choice, like the weights in [`alert`].
const HEAT: f64 = 80.0;

#[delayed]
fn mean(window: &[f64]) -> f64 {
    window.iter().sum::<f64>() / window.len() as f64
}

/// The least-squares line's slope, in °F per hour; the hours are centred.
#[delayed]
fn slope(window: &[f64], mean: f64) -> f64 {
    let middle = (window.len() - 1) as f64 / 2.0;
    let (mut products, mut squares) = (0.0, 0.0);
    for (hour, temp) in window.iter().enumerate() {
        let hour = hour as f64 - middle;
        products += hour * (temp - mean);
        squares += hour * hour;
    }
    products / squares
}

/// Root mean square of what the line does not explain, in °F.
#[delayed]
fn residual(window: &[f64], mean: f64, slope: f64) -> f64 {
    let middle = (window.len() - 1) as f64 / 2.0;
    let mut squares = 0.0;
    for (hour, temp) in window.iter().enumerate() {
        let error = temp - (mean + slope * (hour as f64 - middle));
        squares += error * error;
    }
    (squares / window.len() as f64).sqrt()
}

/// The line, [`AHEAD_HOURS`] after the last hour.
#[delayed]
fn ahead(mean: f64, slope: f64) -> f64 {
    mean + slope * ((WINDOW - 1) as f64 / 2.0 + AHEAD_HOURS)
}

/// How many residuals the last reading is from the mean.
#[delayed]
fn surprise(window: &[f64], mean: f64, residual: f64) -> f64 {
    let last = window.last().map_or(mean, |last| *last);
    (last - mean).abs() / residual.max(0.5)
}

/// The largest change from one hour to the next, in °F.
#[delayed]
fn jolt(window: &[f64]) -> f64 {
    window.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f64::max)
}

#[delayed]
fn extremes(window: &[f64]) -> (f64, f64) {
    let start = (f64::INFINITY, f64::NEG_INFINITY);
    window.iter().fold(start, |(low, high), &temp| (low.min(temp), high.max(temp)))
}

#[delayed]
fn swing((low, high): (f64, f64)) -> f64 {
    high - low
}

/// °F by which `temp` lies below `limit`.
#[delayed]
fn below(temp: f64, limit: f64) -> f64 {
    (limit - temp).max(0.0)
}

/// A number without a unit: each reason counts 1 where it begins to be remarkable.
#[delayed]
fn alert(frost: f64, heat: f64, surprise: f64, jolt: f64, swing: f64) -> f64 {
    frost / 10.0 + heat / 10.0 + surprise / 3.0 + jolt / 8.0 + swing / 30.0
}

static_graph! {
    /// Scores one window.
    struct Pipe(window: &[f64]) {
        let score = alert(frost, heat, surprise, jolt, swing);
        let frost = below(ahead, FROST);
        let heat = below(-ahead, -HEAT);
        let surprise = surprise(window, mean, residual);
        let swing = swing(extremes);
        let ahead = ahead(mean, slope);
        let residual = residual(window, mean, slope);
        let slope = slope(window, mean);
        let jolt = jolt(window);
        let extremes = extremes(window);
        let mean = mean(window);
        score
    }
}
const _: () = assert!(Pipe::TASKS == 11 && Pipe::EDGES == 15);
const _: () = assert!(Pipe::CRITICAL_PATH <= 5, "a reading has to be scored within five steps");
const _: () = assert!(Pipe::WIDTH >= 4, "four threads would have something to do");

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("pipeline: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn StdError>> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/weather.csv");
    let series = weather::load(&data)?;
    let first = &series[0]; // `load` gives at least one.
    let windows: Vec<&[f64]> = first.temps.windows(WINDOW).collect();
    if windows.is_empty() {
        return Err(format!("{} has fewer than {WINDOW} hours", first.origin).into());
    }
    println!(
        "Pipe: {} tasks, {} edges, critical path {}, width {}, widest level {}",
        Pipe::TASKS,
        Pipe::EDGES,
        Pipe::CRITICAL_PATH,
        Pipe::WIDTH,
        Pipe::LEVEL_WIDTH
    );
    println!("{}", Pipe::DOT.trim_end());

    let mut pipe = Pipe::new();
    let mut scores = Vec::with_capacity(RUNS);
    let started = Instant::now();
    for window in windows.iter().cycle().take(RUNS) {
        scores.push(pipe.run(black_box(window))?);
    }
    let graph_time = started.elapsed();

    let mut plain = Vec::with_capacity(RUNS);
    let started = Instant::now();
    for window in windows.iter().cycle().take(RUNS) {
        plain.push(plain_score(black_box(window)));
    }
    let plain_time = started.elapsed();

    let differs = |(a, b): (&f64, &f64)| a.to_bits() != b.to_bits();
    if let Some(run) = scores.iter().zip(&plain).position(differs) {
        let (graph, plain) = (scores[run], plain[run]);
        return Err(format!("run {run}: the graph gives {graph}, the function {plain}").into());
    }

    print_highest(&first.origin, &scores[..RUNS.min(windows.len())], &windows);
    println!("{RUNS} runs over {} windows of {}", windows.len(), first.origin);
    println!("static graph:   {}", show(graph_time));
    println!("plain function: {}", show(plain_time));
    println!("all {RUNS} scores equal the plain function's bit for bit");
    Ok(())
}

/// What the graph computes, without the graph.
fn plain_score(window: &[f64]) -> f64 {
    let mean = mean(window);
    let slope = slope(window, mean);
    let residual = residual(window, mean, slope);
    let ahead = ahead(mean, slope);
    let frost = below(ahead, FROST);
    let heat = below(-ahead, -HEAT);
    let surprise = surprise(window, mean, residual);
    let swing = swing(extremes(window));
    alert(frost, heat, surprise, jolt(window), swing)
}

/// The window with the highest score, and what it looks like.
fn print_highest(origin: &str, scores: &[f64], windows: &[&[f64]]) {
    let highest = (0..scores.len()).max_by(|&a, &b| scores[a].total_cmp(&scores[b]));
    let Some(at) = highest else { return };
    let (low, high) = extremes(windows[at]);
    println!(
        "highest score: {:.3}, hours {at} to {} of {origin}, {low} to {high} °F",
        scores[at],
        at + WINDOW - 1
    );
}

fn show(time: Duration) -> String {
    let run = time.as_nanos() as f64 / RUNS as f64;
    format!("{run:.0} ns a run, {:.1} ns a task", run / Pipe::TASKS as f64)
}
