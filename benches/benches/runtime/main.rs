//! What a task costs, beside a plain loop and every other way to run it.
//!
//!     cargo bench -p taskweave-benches --bench runtime [-- part …]
//!
//! Prints Markdown tables and writes `target/bench-runtime.json`. Parts: `tasks`, `rivals`, `sizes`, `small`, `efficiency`,
//! `memory`, `cold`, `events`, `frozen`, `static`, `await`, `options`, `hosted`, `neighbours`, `huge`, `dask`; all of them without an argument. `loop <shape> <times>` only runs a shape, for a profiler.

mod again;
mod optioned;
mod parts;

use parts::Report;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if parts::as_child(&words) {
        return;
    }
    let mut report = Report::default();
    for (name, part) in parts::ALL {
        if words.is_empty() || words.contains(name) {
            part(&mut report);
        }
    }
    report.write();
}
