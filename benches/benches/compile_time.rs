//! How much longer does `cargo check` take with the macros than without?
//!
//! Two crates with the same 200 functions and the same block of 1,000 calls: plain, and with `#[delayed]` and `graph!`. Each pair
//! checks both, after a change to both; the result is the median of the paired ratios with its range.
//!
//!     cargo bench -p taskweave-benches --bench compile_time

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

const FUNCTIONS: usize = 200;
const CALLS: usize = 1000;
const PAIRS: usize = 15;

/// The source of one crate; `salt` makes each one new to cargo.
fn source(delayed: bool, salt: usize) -> String {
    let mut text = format!("// {salt}\n");
    if delayed {
        text.push_str("use taskweave::{delayed, graph};\n");
    }
    for f in 0..FUNCTIONS {
        let attribute = if delayed { "#[delayed]\n" } else { "" };
        let _ = writeln!(text, "{attribute}pub fn step{f}(a: f64, b: &f64) -> f64 {{ a + *b }}");
    }
    let (open, close) = if delayed { ("graph!({", "}).compute()") } else { ("Ok({", "})") };
    let error = if delayed { "taskweave::Error" } else { "String" };
    let _ = writeln!(
        text,
        "pub fn all(start: f64) -> Result<f64, {error}> {{\n{open}\nlet x0 = step0(start, &1.0);"
    );
    for call in 1..CALLS {
        let _ = writeln!(text, "let x{call} = step{}(x{}, &2.0);", call % FUNCTIONS, call - 1);
    }
    let _ = writeln!(text, "x{}\n{close}\n}}", CALLS - 1);
    text
}

fn make(folder: &Path, delayed: bool) -> io::Result<()> {
    std::fs::create_dir_all(folder.join("src"))?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let dependency =
        if delayed { format!("taskweave = {{ path = {root:?} }}\n") } else { String::new() };
    let name = if delayed { "with" } else { "without" };
    let manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[dependencies]\n{dependency}[workspace]\n"
    );
    std::fs::write(folder.join("Cargo.toml"), manifest)
}

fn check(folder: &Path, delayed: bool, salt: usize) -> io::Result<Duration> {
    std::fs::write(folder.join("src/lib.rs"), source(delayed, salt))?;
    let start = Instant::now();
    let output = Command::new(env!("CARGO"))
        .args(["check", "--quiet", "--offline"])
        .env("CARGO_INCREMENTAL", "0")
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .current_dir(folder)
        .output()?;
    let time = start.elapsed();
    if output.status.success() {
        Ok(time)
    } else {
        Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()))
    }
}

fn main() -> io::Result<()> {
    let folders =
        ["without", "with"].map(|name| PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name));
    for (folder, delayed) in folders.iter().zip([false, true]) {
        make(folder, delayed)?;
        // The dependencies, once.
        check(folder, delayed, PAIRS)?;
    }
    let mut ratios = Vec::new();
    let mut times = [Vec::new(), Vec::new()];
    for pair in 0..PAIRS {
        let plain = check(&folders[0], false, pair)?;
        let delayed = check(&folders[1], true, pair)?;
        ratios.push(delayed.as_secs_f64() / plain.as_secs_f64());
        times[0].push(plain);
        times[1].push(delayed);
    }
    ratios.sort_by(f64::total_cmp);
    times.iter_mut().for_each(|times| times.sort());
    // The 95 % interval of a median of 15: the 4th and the 12th (binomial).
    let (low, median, high) = (ratios[3], ratios[PAIRS / 2], ratios[PAIRS - 4]);
    println!("cargo check of {FUNCTIONS} functions and a block of {CALLS} calls, {PAIRS} pairs");
    println!("| | median |\n|---|---|");
    println!("| plain | {:.3} s |", times[0][PAIRS / 2].as_secs_f64());
    println!("| with #[delayed] and graph! | {:.3} s |", times[1][PAIRS / 2].as_secs_f64());
    println!("| ratio | {median:.2} (95 %: {low:.2} to {high:.2}) |");
    Ok(())
}
