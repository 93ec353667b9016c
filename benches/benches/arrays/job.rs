//! What a row of the table is: a job of ours, what stands beside it, and the goal against each.
//!
//! Not here: which rows there are (`rows`, `blocks`), and how they are measured (`round`).

use std::sync::OnceLock;
use std::time::Instant;
use taskweave::Threads;
use taskweave::array::{Array, Error};

/// Ours and theirs.
pub const THREADS: usize = 2;

/// Our threads, of the whole process.
pub fn threads() -> &'static Threads {
    static ONES: OnceLock<Threads> = OnceLock::new();
    ONES.get_or_init(|| Threads::new(THREADS))
}

/// A row.
pub struct Row {
    /// Its name on the command line.
    pub name: &'static str,
    /// Its name in `baseline.py`, where that is another.
    pub baseline: &'static str,
    /// What is computed.
    pub title: &'static str,
    /// The libraries beside it, each with how many times quicker ours is to be, if that is a goal.
    pub rivals: &'static [(&'static str, Option<f64>)],
    /// How far results may be apart.
    pub within: Within,
    /// The goal for our peak memory, measured in a process of its own.
    pub peak: Option<Peak>,
    /// What ours and theirs need at once, in GB; where there is not so much, the row is left out.
    pub needs_gb: f64,
    /// Makes what is to be run.
    pub make: fn() -> Job,
}

/// How far two results may be apart.
#[derive(Clone, Copy)]
pub enum Within {
    /// As a part of the larger one.
    Relative(f64),
    /// Whatever they are.
    Absolute(f64),
}

impl Within {
    /// Whether two results are the same.
    pub fn holds(self, a: f64, b: f64) -> bool {
        match self {
            Within::Relative(part) => (a - b).abs() <= part * a.abs().max(b.abs()),
            Within::Absolute(distance) => (a - b).abs() <= distance,
        }
    }
}

impl std::fmt::Display for Within {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Within::Relative(part) => write!(f, "{part:e} relative"),
            Within::Absolute(distance) => write!(f, "{distance:e} absolute"),
        }
    }
}

/// A goal for the peak of resident memory, of a whole process.
#[derive(Clone, Copy)]
pub enum Peak {
    /// So many MiB.
    Mib(f64),
    /// This part of dask's.
    OfDask(f64),
}

/// One run.
#[derive(Clone, Copy)]
pub struct Sample {
    pub seconds: f64,
    /// The checksum of the result.
    pub value: f64,
}

/// Something that can be run again and again.
pub type Runs = Box<dyn FnMut() -> Sample>;

/// What is run for a row.
pub struct Job {
    ours: Runs,
    check: Option<Runs>,
    /// What is timed in this process beside it, with the goal for how many times longer it takes.
    pub beside: Vec<(&'static str, Option<f64>, Runs)>,
    /// What the baseline gets, by name.
    pub inputs: Vec<(&'static str, Input)>,
    /// What follows from our median and those of what is beside it.
    pub note: Option<fn(ours: f64, beside: &[f64]) -> Note>,
}

/// What follows from medians.
pub struct Note {
    /// A line below the table, without its full stop.
    pub text: String,
    /// The same figures by their names in the file.
    pub figures: Vec<(&'static str, f64)>,
}

/// An array in memory.
pub type Input = Array<f64, ndarray::Ix2>;

impl Job {
    /// Of a function that computes something, and one that makes a checksum of it.
    pub fn new<R: 'static>(
        compute: impl Fn() -> Result<R, Error> + 'static,
        value: impl Fn(&R) -> f64 + 'static,
    ) -> Job {
        let ours = runs(compute, value);
        Job { ours, check: None, beside: Vec::new(), inputs: Vec::new(), note: None }
    }

    /// An array that is in memory, for the baselines.
    pub fn reading(mut self, name: &'static str, input: &Input) -> Job {
        self.inputs.push((name, input.clone()));
        self
    }

    /// What is compared instead of the results, where these say too little.
    pub fn checked_by<R: 'static>(
        mut self,
        compute: impl Fn() -> Result<R, Error> + 'static,
        value: impl Fn(&R) -> f64 + 'static,
    ) -> Job {
        self.check = Some(runs(compute, value));
        self
    }

    /// Something else in this process.
    pub fn beside<R: 'static>(
        mut self,
        name: &'static str,
        goal: Option<f64>,
        compute: impl Fn() -> Result<R, Error> + 'static,
        value: impl Fn(&R) -> f64 + 'static,
    ) -> Job {
        self.beside.push((name, goal, runs(compute, value)));
        self
    }

    /// What is said below the table, and its figures.
    pub fn noting(mut self, note: fn(ours: f64, beside: &[f64]) -> Note) -> Job {
        self.note = Some(note);
        self
    }

    /// Runs ours.
    pub fn run(&mut self) -> Sample {
        (self.ours)()
    }

    /// What is compared before anything is timed, where it is not the result.
    pub fn check(&mut self) -> Option<Sample> {
        self.check.as_mut().map(|check| check())
    }
}

fn runs<R: 'static>(
    compute: impl Fn() -> Result<R, Error> + 'static,
    value: impl Fn(&R) -> f64 + 'static,
) -> Runs {
    Box::new(move || {
        let start = Instant::now();
        let result = compute().expect("the arrays of the table fit each other");
        let seconds = start.elapsed().as_secs_f64();
        Sample { seconds, value: value(&result) }
    })
}

/// The value of an array of rank 0.
pub fn scalar(result: &ndarray::Array0<f64>) -> f64 {
    result[()]
}

/// The sum of the elements, each times 1 + its place modulo 7, so that exchanged elements show.
pub fn checksum<D: ndarray::Dimension>(result: &ndarray::Array<f64, D>) -> f64 {
    let all = result.as_slice().expect("what is computed has no gaps");
    let stretches = all.chunks(7 * 1024).map(|stretch| {
        stretch
            .iter()
            .zip((1..8).cycle())
            .map(|(value, times)| value * f64::from(times))
            .sum::<f64>()
    });
    stretches.sum()
}

/// The peak of this process's resident memory.
pub fn peak_kib() -> Option<u64> {
    taskweave_benches::measure::status_kib("VmHWM")
}
