//! How much quicker frames are than polars, DuckDB, dask.dataframe and pandas, on two threads.
//!
//!     cargo bench -p taskweave-benches --features frame --bench frames [-- --jobs J1,J5] [--peers polars,duckdb] [--pairs N]
//!
//! Makes the data where they are not yet (`make_data.py`, 1.2 GB in the folder that the environment variable `TASKWEAVE_FRAMES_DATA` names, else
//! in `target/frames-data`), prints a Markdown table, and writes `target/frames.json`: the same figures, those below the table too, what is
//! missing or left out. `TASKWEAVE_PYTHON` names the Python that makes the data and runs the peers (`baseline.py`), else `python3` does.
//! Every run is a process of its own, ours too (`--child <job> <folder> [<result>]`): time is taken inside of it, memory is the peak of all of it.
//!
//! ```text
//! jobs      what is measured, with the goals
//! ours      the jobs with frames of ours
//! child     a run in a process
//! compare   whether two results are the same
//! round     results compared first; then ours and theirs in turn
//! report    tables and the file
//! ```

mod child;
mod compare;
mod jobs;
mod ours;
mod report;
mod round;

use jobs::Job;
use report::Report;
use std::path::PathBuf;

/// Intervals of 95 % take six pairs or more.
const PAIRS: usize = 7;

/// What is to be measured.
struct Wanted {
    jobs: Vec<&'static Job>,
    /// All, if none is named.
    peers: Option<Vec<String>>,
    pairs: usize,
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["--child", name, folder] => ours::run(job(name), folder, None),
        ["--child", name, folder, result] => ours::run(job(name), folder, Some(result)),
        _ => measure(&wanted(&words)),
    }
}

fn wanted(words: &[&str]) -> Wanted {
    let mut wanted = Wanted { jobs: jobs::ALL.iter().collect(), peers: None, pairs: PAIRS };
    let mut words = words.iter();
    while let Some(&option) = words.next() {
        let value = words.next().copied().unwrap_or_else(|| stop(&format!("{option} of what?")));
        match option {
            "--jobs" => wanted.jobs = value.split(',').map(job).collect(),
            "--peers" => wanted.peers = Some(value.split(',').map(str::to_owned).collect()),
            "--pairs" => {
                let pairs = value.parse().ok().filter(|&pairs| pairs > 0);
                wanted.pairs = pairs.unwrap_or_else(|| stop("--pairs is followed by a number"));
            }
            _ => stop(&format!("there is --jobs, --peers and --pairs, and no {option}")),
        }
    }
    wanted
}

fn measure(wanted: &Wanted) {
    let folder = data();
    child::make_data(&folder).unwrap_or_else(|why| stop(&why));
    let there = child::libraries();
    let mut report = Report::new(wanted.pairs, &there);
    for job in &wanted.jobs {
        let is_wanted = |peer: &str| {
            wanted.peers.as_ref().is_none_or(|peers| peers.iter().any(|name| name == peer))
        };
        let peers = job.peers.iter().copied().filter(|peer| is_wanted(peer.name)).collect();
        report.add(job, &round::measure(job, peers, &there, &folder, wanted.pairs));
    }
    report.finish();
}

/// Where the data are.
fn data() -> PathBuf {
    let named = std::env::var_os("TASKWEAVE_FRAMES_DATA").map(PathBuf::from);
    named.unwrap_or_else(|| report::target().join("frames-data"))
}

/// The job of that name; ends the program if there is none.
fn job(name: &str) -> &'static Job {
    jobs::ALL.iter().find(|job| job.name == name).unwrap_or_else(|| {
        let names: Vec<_> = jobs::ALL.iter().map(|job| job.name).collect();
        stop(&format!("no job is named {name}; there are {}", names.join(", ")))
    })
}

fn stop(why: &str) -> ! {
    eprintln!("{why}");
    std::process::exit(2)
}
