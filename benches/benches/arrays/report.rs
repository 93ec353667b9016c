//! The tables on stdout, and the file with the same figures.

use crate::job::{Peak, Row, THREADS};
use crate::python;
use crate::round::{Measured, Outcome, Rival, libraries};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use taskweave_benches::measure::Median;

/// What has been measured so far.
pub struct Report {
    machine: String,
    commit: String,
    pairs: usize,
    /// The objects of the file.
    rows: Vec<String>,
    /// What is said below the table.
    below: Vec<String>,
}

impl Report {
    /// Prints the head of the table.
    pub fn new(pairs: usize) -> Report {
        let (machine, commit, libraries) = (machine(), commit(), libraries());
        let interval = if pairs < 6 { "the least and the greatest" } else { "its 95 % interval" };
        println!("\n## Arrays beside NumPy and dask.array, {THREADS} threads\n");
        println!(
            "{machine}; commit {commit}; {libraries}. Median of {pairs} paired ratios, theirs / ours, with {interval}.\n"
        );
        println!(
            "| row | job | ours, s | beside | its time, s | times quicker | goal |\n|---|---|---|---|---|---|---|"
        );
        Report { machine, commit, pairs, rows: Vec::new(), below: Vec::new() }
    }

    /// Prints a row.
    pub fn add(&mut self, row: &Row, outcome: Outcome) {
        match outcome {
            Outcome::LeftOut(why) => {
                self.rows.push(format!(
                    "{{\"row\": \"{}\", \"left_out\": \"{}\"}}",
                    row.name,
                    quoted(&why)
                ));
                self.below.push(format!("`{}` is left out: {why}.", row.name));
            }
            Outcome::Measured(measured) => self.add_measured(row, &measured),
        }
    }

    fn add_measured(&mut self, row: &Row, measured: &Measured) {
        let head = format!("| {} | {} | {:.4} |", row.name, row.title, measured.ours.value);
        if measured.rivals.is_empty() {
            println!("{head} | | | |");
        }
        for Rival { name, goal, theirs, ratio } in &measured.rivals {
            let goal = goal
                .map_or("–".to_owned(), |goal| format!("≥ {goal}: {}", met(ratio.value >= goal)));
            println!("{head} {name} | {:.4} | {ratio} | {goal} |", theirs.value);
        }
        for name in &measured.missing {
            self.below.push(format!(
                "`{}`: {name} is left out, `{}` has none.",
                row.name,
                python::program()
            ));
        }
        self.below.extend(peaks(row, measured));
        let note = measured.note.iter().map(|note| format!("`{}`: {}.", row.name, note.text));
        self.below.extend(note);
        self.rows.push(as_json(row, measured));
    }

    /// Prints what stands below the table, and writes the file.
    pub fn finish(self) {
        println!();
        self.below.iter().for_each(|line| println!("- {line}"));
        let text = format!(
            "{{\n  \"machine\": \"{}\",\n  \"commit\": \"{}\",\n  \"threads\": {THREADS},\n  \"pairs\": {},\n  \"rows\": [\n    {}\n  ]\n}}\n",
            quoted(&self.machine),
            quoted(&self.commit),
            self.pairs,
            self.rows.join(",\n    ")
        );
        let path = file();
        if let Err(error) = std::fs::write(&path, text) {
            eprintln!("cannot write {}: {error}", path.display());
        }
    }
}

fn met(is_met: bool) -> &'static str {
    if is_met { "met" } else { "**missed**" }
}

/// What is said of the peaks.
fn peaks(row: &Row, measured: &Measured) -> Option<String> {
    let mib = |kib: u64| kib as f64 / 1024.0;
    let (goal, ours) = (row.peak?, mib(measured.our_peak_kib?));
    let mut line = format!("`{}`: peak of the whole process {ours:.0} MiB", row.name);
    let dask = measured.dask_peak_kib.map(mib);
    if let Some(dask) = dask {
        let _ = write!(line, ", dask's {dask:.0} MiB ({:.3} of it)", ours / dask);
    }
    match (goal, dask) {
        (Peak::Mib(goal), _) => {
            let _ = write!(line, "; goal: at most {goal} MiB, {}", met(ours <= goal));
        }
        (Peak::OfDask(part), Some(dask)) => {
            let is_met = met(ours <= part * dask);
            let _ = write!(line, "; goal: at most {part} of dask's, {is_met}");
        }
        (Peak::OfDask(_), None) => {}
    }
    Some(line + ".")
}

fn as_json(row: &Row, measured: &Measured) -> String {
    let median = |m: &Median| format!("[{:e}, {:e}, {:e}]", m.value, m.low, m.high);
    let kib = |kib: Option<u64>| kib.map_or("null".to_owned(), |kib| kib.to_string());
    let rivals: Vec<String> = measured
        .rivals
        .iter()
        .map(|Rival { name, goal, theirs, ratio }| {
            let goal = goal.map_or("null".to_owned(), |goal| goal.to_string());
            let (theirs, ratio) = (median(theirs), median(ratio));
            format!("{{\"name\": \"{name}\", \"seconds\": {theirs}, \"ratio\": {ratio}, \"goal\": {goal}}}")
        })
        .collect();
    let missing: Vec<String> =
        measured.missing.iter().map(|name| format!("\"{}\"", quoted(name))).collect();
    let peak_goal = match row.peak {
        None => "null".to_owned(),
        Some(Peak::Mib(most)) => format!("{{\"mib\": {most}}}"),
        Some(Peak::OfDask(part)) => format!("{{\"of_dask\": {part}}}"),
    };
    let (note, figures) = match &measured.note {
        None => ("null".to_owned(), String::new()),
        Some(note) => {
            let figure = |(name, value): &(&str, f64)| format!(", \"{name}\": {value:e}");
            let figures = note.figures.iter().map(figure).collect();
            (format!("\"{}\"", quoted(&note.text)), figures)
        }
    };
    format!(
        "{{\"row\": \"{}\", \"job\": \"{}\", \"seconds\": {}, \"peak_kib\": {}, \"dask_peak_kib\": {}, \"peak_goal\": {peak_goal}, \"beside\": [{}], \"missing\": [{}], \"note\": {note}{figures}}}",
        row.name,
        quoted(row.title),
        median(&measured.ours),
        kib(measured.our_peak_kib),
        kib(measured.dask_peak_kib),
        rivals.join(", "),
        missing.join(", ")
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

/// `target/arrays.json`, wherever `target` is.
fn file() -> PathBuf {
    let inside = Path::new(env!("CARGO_TARGET_TMPDIR"));
    inside.parent().unwrap_or(inside).join("arrays.json")
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
