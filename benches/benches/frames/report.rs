//! The table on stdout, and the file with the same figures.

use crate::child::program;
use crate::compare::WITHIN;
use crate::jobs::{Job, THREADS};
use crate::round::{Measured, Rival};
use std::path::{Path, PathBuf};
use std::process::Command;
use taskweave_benches::measure::Median;

/// What has been measured so far.
pub struct Report {
    machine: String,
    commit: String,
    libraries: String,
    pairs: usize,
    /// The objects of the file.
    jobs: Vec<String>,
    /// What is said below the table.
    below: Vec<String>,
}

impl Report {
    /// Prints the head of the table.
    pub fn new(pairs: usize, there: &[(String, String)]) -> Report {
        let (machine, commit) = (machine(), commit());
        let libraries: Vec<String> =
            there.iter().map(|(name, version)| format!("{name} {version}")).collect();
        let libraries = match libraries.is_empty() {
            true => format!("`{}` has none of the others", program()),
            false => libraries.join(", "),
        };
        let interval = if pairs < 6 { "the least and the greatest" } else { "its 95 % interval" };
        println!("\n## Frames beside polars, DuckDB, dask and pandas, {THREADS} threads\n");
        println!(
            "{machine}; commit {commit}; {libraries}. Results are the same to {WITHIN:e}. Median of {pairs} paired ratios, theirs / ours, with {interval}; \
             peaks of whole processes.\n"
        );
        println!(
            "| job | | ours, s | MiB | beside | its time, s | MiB | times quicker | goal |\n|---|---|---|---|---|---|---|---|---|"
        );
        Report { machine, commit, libraries, pairs, jobs: Vec::new(), below: Vec::new() }
    }

    /// Prints the rows of a job.
    pub fn add(&mut self, job: &Job, measured: &Measured) {
        let (seconds, peak) = (measured.ours.value, mib(measured.our_peak_kib));
        let head = format!("| {} | {} | {seconds:.3} | {peak:.0} |", job.name, job.title);
        if measured.rivals.is_empty() {
            println!("{head} | | | | |");
        }
        for Rival { peer, theirs, ratio, peak_kib } in &measured.rivals {
            let goal = peer
                .goal
                .map_or("–".to_owned(), |goal| format!("≥ {goal}: {}", met(ratio.value >= goal)));
            let (name, seconds, peak) = (peer.name, theirs.value, mib(*peak_kib));
            println!("{head} {name} | {seconds:.3} | {peak:.0} | {ratio} | {goal} |");
        }
        let goal = job.peak_mib;
        self.below.push(format!(
            "{}: peak {peak:.0} MiB; goal: at most {goal:.0} MiB, {}.",
            job.name,
            met(peak <= goal)
        ));
        for (name, why) in &measured.left_out {
            self.below.push(format!("{}: {name} is left out: {why}.", job.name));
        }
        self.jobs.push(as_json(job, measured));
    }

    /// Prints what stands below the table, and writes the file.
    pub fn finish(self) {
        println!();
        self.below.iter().for_each(|line| println!("- {line}"));
        let text = format!(
            "{{\n  \"machine\": \"{}\",\n  \"commit\": \"{}\",\n  \"libraries\": \"{}\",\n  \"threads\": {THREADS},\n  \"pairs\": {},\n  \"jobs\": [\n    {}\n  ]\n}}\n",
            quoted(&self.machine),
            quoted(&self.commit),
            quoted(&self.libraries),
            self.pairs,
            self.jobs.join(",\n    ")
        );
        let path = target().join("frames.json");
        if let Err(error) = std::fs::write(&path, text) {
            eprintln!("cannot write {}: {error}", path.display());
        }
    }
}

fn mib(kib: u64) -> f64 {
    kib as f64 / 1024.0
}

fn met(is_met: bool) -> &'static str {
    if is_met { "met" } else { "**missed**" }
}

fn as_json(job: &Job, measured: &Measured) -> String {
    let median = |m: &Median| format!("[{:e}, {:e}, {:e}]", m.value, m.low, m.high);
    let beside = measured.rivals.iter().map(|Rival { peer, theirs, ratio, peak_kib }| {
        let goal = peer.goal.map_or("null".to_owned(), |goal| goal.to_string());
        let (name, theirs, ratio) = (peer.name, median(theirs), median(ratio));
        format!(
            "{{\"name\": \"{name}\", \"seconds\": {theirs}, \"peak_kib\": {peak_kib}, \"ratio\": {ratio}, \"goal\": {goal}}}"
        )
    });
    let beside: Vec<String> = beside.collect();
    let left_out = measured
        .left_out
        .iter()
        .map(|(name, why)| format!("{{\"name\": \"{name}\", \"why\": \"{}\"}}", quoted(why)));
    let left_out: Vec<String> = left_out.collect();
    format!(
        "{{\"job\": \"{}\", \"title\": \"{}\", \"rows\": {}, \"seconds\": {}, \"peak_kib\": {}, \"peak_goal_mib\": {}, \"beside\": [{}], \"left_out\": [{}]}}",
        job.name,
        quoted(job.title),
        measured.rows,
        median(&measured.ours),
        measured.our_peak_kib,
        job.peak_mib,
        beside.join(", "),
        left_out.join(", ")
    )
}

/// A text as it stands between the quotes of JSON.
fn quoted(text: &str) -> String {
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let escape = |c: char| match c {
        '"' | '\\' => format!("\\{c}"),
        _ => c.to_string(),
    };
    plain.map(escape).collect()
}

/// `target`, wherever it is.
pub fn target() -> PathBuf {
    let inside = Path::new(env!("CARGO_TARGET_TMPDIR"));
    inside.parent().unwrap_or(inside).to_owned()
}

/// The processor, as the system calls it.
fn machine() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("model name"));
    let name = line.and_then(|line| line.split_once(':')).map_or("?", |(_, name)| name.trim());
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!("{name}, {cores} cores")
}

fn commit() -> String {
    let output = Command::new("git").args(["rev-parse", "--short", "HEAD"]).output();
    let text = output.ok().map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    text.filter(|text| !text.is_empty()).unwrap_or_else(|| "unknown".to_owned())
}
