//! How much quicker arrays are than NumPy's and dask's, on two threads.
//!
//!     cargo bench -p taskweave-benches --bench arrays [-- row …] [--pairs N]
//!
//! Prints Markdown tables and writes `target/arrays.json`: the same figures, those below the tables too, what is missing or left out. Rows are named in [`rows::ALL`]; all of them without an argument. The environment variable
//! `TASKWEAVE_PYTHON` names the Python that runs the baselines (`baseline.py`), else `python3` does; what it does not have is left out, with a line that says so.
//! `loop <row> <times>` only runs our side of a row, for a profiler.
//!
//! ```text
//! rows · blocks   what is measured: each row a function that gives a job
//! job             what a row is made of
//! round           ours and theirs in turn; results compared first
//! python          the child process with the baselines
//! report          tables and the file
//! ```

mod blocks;
mod job;
mod matrices;
mod python;
mod report;
mod round;
mod rows;

use job::{Row, peak_kib};
use report::Report;

/// Intervals of 95 % take six pairs or more.
const PAIRS: usize = 7;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["peak", name] => {
            (row(name).make)().run();
            println!("{}", peak_kib().unwrap_or(0));
        }
        ["loop", name, times] => {
            let mut job = (row(name).make)();
            for _ in 0..times.parse().expect("how many times is a number") {
                println!("{:.4} s", job.run().seconds);
            }
        }
        _ => measure(&words),
    }
}

fn measure(words: &[&str]) {
    let (mut names, mut pairs) = (Vec::new(), PAIRS);
    let mut words = words.iter();
    while let Some(&word) = words.next() {
        if word == "--pairs" {
            let number = words.next().and_then(|number| number.parse().ok());
            pairs = number.filter(|&pairs| pairs > 0).expect("--pairs is followed by a number");
        } else {
            names.push(row(word).name);
        }
    }
    let mut report = Report::new(pairs);
    for row in rows::ALL {
        if names.is_empty() || names.contains(&row.name) {
            report.add(row, round::measure(row, pairs));
        }
    }
    report.finish();
}

/// The row of that name; ends the program if there is none.
fn row(name: &str) -> &'static Row {
    rows::ALL.iter().find(|row| row.name == name).unwrap_or_else(|| {
        let names: Vec<_> = rows::ALL.iter().map(|row| row.name).collect();
        eprintln!("no row is named {name}; there are {}", names.join(", "));
        std::process::exit(2)
    })
}
