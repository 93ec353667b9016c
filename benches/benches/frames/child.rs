//! A run in a process of its own, of ours or of a library of Python's.
//!
//! In: who, which job, which folder. Out: seconds and the peak of memory, or what the process said when it failed.

use crate::jobs::{Job, THREADS};
use std::path::Path;
use std::process::{Command, Stdio};

/// The name under which ours stands beside the others.
pub const OURS: &str = "ours";

/// One run.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    pub seconds: f64,
    pub peak_kib: u64,
}

/// Which Python it is.
pub fn program() -> String {
    std::env::var("TASKWEAVE_PYTHON").unwrap_or_else(|_| "python3".to_owned())
}

/// Does a job once, and writes the result where it is to be compared.
pub fn run(who: &str, job: &Job, folder: &Path, result: Option<&Path>) -> Result<Sample, String> {
    let mut command = if who == OURS {
        let program = std::env::current_exe().map_err(|error| error.to_string())?;
        let mut command = Command::new(program);
        command.arg("--child");
        command
    } else {
        let mut command = python("baseline.py");
        command.arg(who);
        command
    };
    let text = output(command.arg(job.name).arg(folder).args(result))?;
    let mut numbers = text.split_whitespace();
    let seconds = numbers.next().and_then(|number| number.parse().ok());
    let peak_kib = numbers.next().and_then(|number| number.parse().ok());
    match (seconds, peak_kib) {
        (Some(seconds), Some(peak_kib)) => Ok(Sample { seconds, peak_kib }),
        _ => Err(format!("it said {:?}", text.trim_end())),
    }
}

/// The libraries that Python has, with their versions; none where there is no Python.
pub fn libraries() -> Vec<(String, String)> {
    let text = output(python("baseline.py").arg("has")).unwrap_or_default();
    let pairs = text.split_whitespace().filter_map(|word| word.split_once('='));
    pairs.map(|(name, version)| (name.to_owned(), version.to_owned())).collect()
}

/// Makes the data, unless they are there.
pub fn make_data(folder: &Path) -> Result<(), String> {
    let made = output(python("make_data.py").arg(folder).stderr(Stdio::inherit()));
    match made {
        Ok(_) => Ok(()),
        // Whoever brings the folder along needs no Python.
        Err(_) if folder.join("complete").exists() => Ok(()),
        Err(why) => Err(format!("cannot make the data in {}: {why}", folder.display())),
    }
}

fn python(script: &str) -> Command {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/frames");
    let threads = THREADS.to_string();
    let mut command = Command::new(program());
    command.arg(folder.join(script)).stderr(Stdio::piped());
    for name in ["POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"] {
        command.env(name, &threads);
    }
    command
}

/// What a process says on stdout; the last line of what it says on stderr if it fails.
fn output(command: &mut Command) -> Result<String, String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output =
        command.output().map_err(|error| format!("`{program}` does not start: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let last = said.lines().rev().find(|line| !line.trim().is_empty());
    Err(last.map_or_else(|| output.status.to_string(), |line| line.trim().to_owned()))
}
