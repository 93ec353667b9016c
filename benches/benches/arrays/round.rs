//! Measures a row: compares the results, then runs ours and theirs in turn.
//!
//! In: a row, and how many rounds. Out: for each rival the paired ratios, and the peaks of processes that do nothing but the job. Who comes first changes from
//! round to round.

use crate::job::{Note, Row, Sample, Within};
use crate::python::{Python, program};
use std::process::Command;
use taskweave_benches::measure::Median;

/// How far what is compared instead of results may be apart.
const CHECKED_WITHIN: Within = Within::Relative(1e-10);

/// What came out.
pub enum Outcome {
    Measured(Measured),
    /// Why not.
    LeftOut(String),
}

/// The figures of a row.
pub struct Measured {
    /// Our seconds.
    pub ours: Median,
    pub rivals: Vec<Rival>,
    /// Rivals that this machine does not have.
    pub missing: Vec<&'static str>,
    pub our_peak_kib: Option<u64>,
    pub dask_peak_kib: Option<u64>,
    pub note: Option<Note>,
}

/// A rival's figures.
pub struct Rival {
    pub name: &'static str,
    pub goal: Option<f64>,
    /// Its seconds.
    pub theirs: Median,
    /// How many times longer it takes.
    pub ratio: Median,
}

/// Measures a row.
pub fn measure(row: &Row, pairs: usize) -> Outcome {
    let free_gb = available_gb();
    if free_gb < row.needs_gb {
        return Outcome::LeftOut(format!(
            "it needs {} GB, of which {free_gb:.1} are free",
            row.needs_gb
        ));
    }
    let mut job = (row.make)();
    let mut python = Python::start();
    let there = python.as_mut().map_or_else(Vec::new, Python::libraries);
    let has = |name: &str| there.iter().any(|(there, _)| there == name);
    let (rivals, missing): (Vec<_>, Vec<_>) =
        row.rivals.iter().copied().partition(|(name, _)| has(name));
    let missing = missing.into_iter().map(|(name, _)| name).collect();
    if let (Some(python), false) = (&mut python, rivals.is_empty()) {
        for (name, input) in &job.inputs {
            python.load(name, input);
        }
    }
    // Ours is the first.
    let mut goals = vec![("ours", None)];
    goals.extend(&rivals);
    goals.extend(job.beside.iter().map(|(name, goal, _)| (*name, *goal)));
    let theirs = rivals.len() + 1;
    if let (Some(ours), Some(python)) = (job.check(), &mut python) {
        for (name, _) in &goals[1..theirs] {
            let theirs = python.check(name, row.baseline).value;
            assert!(CHECKED_WITHIN.holds(ours.value, theirs), "{}: {name} disagrees", row.name);
        }
    }
    let names: Vec<&str> = goals.iter().map(|(name, _)| *name).collect();
    let seconds = rounds(row, pairs, &names, |at| match &mut python {
        _ if at == 0 => job.run(),
        Some(python) if at < theirs => python.run(names[at], row.baseline),
        _ => (job.beside[at - theirs].2)(),
    });
    let ours = Median::of(seconds[0].clone());
    let rivals: Vec<Rival> = (1..goals.len())
        .map(|at| {
            let (name, goal) = goals[at];
            let ratios = seconds[at].iter().zip(&seconds[0]).map(|(theirs, ours)| theirs / ours);
            let ratio = Median::of(ratios.collect());
            Rival { name, goal, theirs: Median::of(seconds[at].clone()), ratio }
        })
        .collect();
    let beside: Vec<f64> =
        rivals[rivals.len() - job.beside.len()..].iter().map(|rival| rival.theirs.value).collect();
    let note = job.note.map(|note| note(ours.value, &beside));
    // Their memory is free before the peaks are measured.
    drop((job, python));
    let (our_peak_kib, dask_peak_kib) = peaks(row, has("dask"));
    Outcome::Measured(Measured { ours, rivals, missing, our_peak_kib, dask_peak_kib, note })
}

/// The seconds of each contender, of which the first is ours, in each round.
fn rounds(
    row: &Row,
    pairs: usize,
    names: &[&str],
    mut run: impl FnMut(usize) -> Sample,
) -> Vec<Vec<f64>> {
    let mut seconds = vec![Vec::new(); names.len()];
    // The first round compares, and warms up.
    for round in 0..=pairs {
        let mut values = vec![0.0; names.len()];
        for turn in 0..names.len() {
            let at = (turn + round) % names.len();
            let sample = run(at);
            values[at] = sample.value;
            if round > 0 {
                seconds[at].push(sample.seconds);
            }
        }
        let (ours, within) = (values[0], row.within);
        for (name, &theirs) in names.iter().zip(&values).skip(1) {
            let holds = within.holds(ours, theirs);
            assert!(holds, "{}: {ours} here, {theirs} by {name}, not within {within}", row.name);
        }
    }
    seconds
}

/// The peaks of two processes, of which each does the job once and nothing else.
fn peaks(row: &Row, has_dask: bool) -> (Option<u64>, Option<u64>) {
    if row.peak.is_none() {
        return (None, None);
    }
    let ours = || {
        let program = std::env::current_exe().ok()?;
        let output = Command::new(program).args(["peak", row.name]).output().ok()?;
        String::from_utf8_lossy(&output.stdout).trim().parse().ok()
    };
    let dask = || {
        let mut python = Python::start()?;
        python.run("dask", row.baseline);
        Some(python.peak_kib())
    };
    let is_beside = has_dask && row.rivals.iter().any(|(name, _)| *name == "dask");
    (ours(), if is_beside { dask() } else { None })
}

/// Memory that programs can have, in GB; where the system does not say, as much as they like.
fn available_gb() -> f64 {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kib.map_or(f64::INFINITY, |kib| kib * 1024.0 / 1e9)
}

/// What the table was measured with, for its head.
pub fn libraries() -> String {
    let Some(mut python) = Python::start() else {
        return format!(
            "no Python: `{}` does not start; TASKWEAVE_PYTHON names another",
            program()
        );
    };
    let there: Vec<String> =
        python.libraries().iter().map(|(name, version)| format!("{name} {version}")).collect();
    match there.is_empty() {
        true => format!("`{}` has no NumPy, dask or numexpr", program()),
        false => there.join(", "),
    }
}
