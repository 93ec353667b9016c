//! Methods on results that are not there yet: one straight line per airport from its temperature
//! now to its temperature 24 hours later, tried at all three airports.
//!
//!     cargo run --release --example methods
//!
//! ```text
//! least_squares(&training[0])? ── m ─┬─ m.rmse(&test[0]) ─┐
//!                                    ├─ m.rmse(&test[1])  ├─ a row of the table
//!                                    ├─ m.rmse(&test[2])  │
//!                                    └─ m.predict(95.0)  ─┘
//! least_squares(&training[1])? ── m ─── …
//!
//! persistence.rmse(&test[0]): a plain call of a plain `Model`, made while the graph is built
//! ```
//!
//! In: `examples/data/weather.csv`, in °F. The first three quarters of each airport's year train
//! its line, the last quarter tests it. Out: the lines, their root mean squared errors beside that
//! of "tomorrow will be like today" (persistence), and what they make of a day of 95 °F.
//!
//! `#[delayed]` on the `impl` leaves `Model`'s methods what they are and lets handles of a `Model`
//! have them too. `plain` is the same without a graph; the example ends with an error unless both
//! give the same bits.
//!
//! Least squares in one variable: G. A. F. Seber & A. J. Lee, "Linear Regression Analysis", 2nd
//! edition, chapter 6.

// The sweep's module offers more than this example uses.
#[allow(dead_code)]
#[path = "sweep/weather.rs"]
mod weather;

use std::{error::Error as StdError, fmt, path::Path, process::ExitCode};

use taskweave::prelude::*;

use weather::Series;

/// How far ahead a line forecasts, in hours.
const LEAD: usize = 24;

/// A hot day, in °F.
const HOT: f64 = 95.0;

/// A temperature, and the one [`LEAD`] hours later.
type Pair = (f64, f64);

/// A straight line.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Model {
    slope: f64,
    intercept: f64,
}

/// Why there is no line.
#[derive(Debug, PartialEq)]
enum FitError {
    /// Fewer than two pairs.
    TooFew(usize),
    /// All temperatures are the same.
    Constant(f64),
}

/// The line with the least squared errors.
#[delayed]
fn least_squares(pairs: &[Pair]) -> Result<Model, FitError> {
    if pairs.len() < 2 {
        return Err(FitError::TooFew(pairs.len()));
    }
    let n = pairs.len() as f64;
    let mean_x = pairs.iter().map(|(x, _)| x).sum::<f64>() / n;
    let mean_y = pairs.iter().map(|(_, y)| y).sum::<f64>() / n;
    let (mut products, mut squares) = (0.0, 0.0);
    for (x, y) in pairs {
        products += (x - mean_x) * (y - mean_y);
        squares += (x - mean_x) * (x - mean_x);
    }
    if squares == 0.0 {
        return Err(FitError::Constant(mean_x));
    }
    let slope = products / squares;
    Ok(Model { slope, intercept: mean_y - slope * mean_x })
}

#[delayed]
impl Model {
    /// Tomorrow will be like today. Without `self`, so it stays a plain function.
    fn persistence() -> Self {
        Model { slope: 1.0, intercept: 0.0 }
    }

    /// The forecast after a temperature of `x`.
    fn predict(&self, x: f64) -> f64 {
        self.slope * x + self.intercept
    }

    /// Root mean squared error of the forecasts, in °F.
    fn rmse(&self, pairs: &[Pair]) -> f64 {
        let square = |(x, y): &Pair| (y - self.predict(*x)).powi(2);
        (pairs.iter().map(square).sum::<f64>() / pairs.len() as f64).sqrt()
    }
}

/// A line, its errors at each airport, persistence's error at its own, the forecast after [`HOT`].
type Row = (Model, Vec<f64>, f64, f64);

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("methods: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn StdError>> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/weather.csv");
    let series = weather::load(&data)?;
    let (training, test): (Vec<_>, Vec<_>) = series.iter().map(split).unzip();
    let persistence = Model::persistence();

    let graph = graph!({
        let mut rows = Vec::new();
        for (airport, pairs) in training.iter().enumerate() {
            let m = least_squares(pairs)?; // a handle of a `Model`
            let errors: Vec<_> = test.iter().map(|pairs| m.rmse(pairs)).collect(); // tasks
            let usual = persistence.rmse(&test[airport]); // a number, at once
            rows.push((m, errors, usual, m.predict(HOT)));
        }
        rows
    });
    println!("graph: {graph}");
    let rows = graph.compute()?;

    print_table(&series, &rows);
    if bits(&rows) != bits(&plain(&training, &test)?) {
        return Err("the graph's results differ from the plain calls'".into());
    }
    println!("all results equal the plain calls' bit for bit");
    Ok(())
}

/// What the graph computes, without the graph.
fn plain(training: &[Vec<Pair>], test: &[Vec<Pair>]) -> Result<Vec<Row>, FitError> {
    let persistence = Model::persistence();
    let mut rows = Vec::new();
    for (airport, pairs) in training.iter().enumerate() {
        let m = least_squares(pairs)?;
        let errors: Vec<_> = test.iter().map(|pairs| m.rmse(pairs)).collect();
        let usual = persistence.rmse(&test[airport]);
        rows.push((m, errors, usual, m.predict(HOT)));
    }
    Ok(rows)
}

/// The pairs of the first three quarters of the hours, and those of the rest.
fn split(series: &Series) -> (Vec<Pair>, Vec<Pair>) {
    let (before, after) = series.temps.split_at(series.temps.len() / 4 * 3);
    let pairs =
        |temps: &[f64]| temps.iter().copied().zip(temps.iter().skip(LEAD).copied()).collect();
    (pairs(before), pairs(after))
}

fn print_table(series: &[Series], rows: &[Row]) {
    println!("{LEAD} hours ahead, root mean squared errors on the last quarter of the year, °F:");
    let airports: Vec<_> = series.iter().map(|s| format!("   at {}", s.origin)).collect();
    println!("line of  slope   intercept{}  persistence  after {HOT} °F", airports.concat());
    for (s, (m, errors, usual, hot)) in series.iter().zip(rows) {
        let errors: Vec<_> = errors.iter().map(|error| format!("{error:9.4}")).collect();
        println!(
            "{:7}  {:.4}  {:9.4}{}  {usual:11.4}  {hot:11.2}",
            s.origin,
            m.slope,
            m.intercept,
            errors.concat()
        );
    }
}

fn bits(rows: &[Row]) -> Vec<u64> {
    let mut bits = Vec::new();
    for (m, errors, usual, hot) in rows {
        bits.extend([m.slope, m.intercept, *usual, *hot].map(f64::to_bits));
        bits.extend(errors.iter().map(|error| error.to_bits()));
    }
    bits
}

impl fmt::Display for FitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FitError::TooFew(pairs) => write!(f, "a line needs two pairs, there are {pairs}"),
            FitError::Constant(x) => write!(f, "all temperatures are {x} °F: any slope fits"),
        }
    }
}

impl StdError for FitError {}
