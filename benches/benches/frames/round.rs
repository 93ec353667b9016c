//! Measures a job: compares the results, then runs ours and theirs in turn.
//!
//! In: a job, its peers, how many rounds. Out: for each peer the paired ratios, and the peaks of memory. Who comes first changes from round to round. The
//! first round, in which results are written and compared, warms the system's cache of files, and is not counted.

use crate::child::{OURS, Sample, run};
use crate::compare;
use crate::jobs::{Job, Peer};
use std::path::Path;
use taskweave_benches::measure::Median;

/// The figures of a job.
pub struct Measured {
    /// Our seconds.
    pub ours: Median,
    pub our_peak_kib: u64,
    /// How many rows the result has.
    pub rows: usize,
    pub rivals: Vec<Rival>,
    /// Who is left out, and why.
    pub left_out: Vec<(&'static str, String)>,
}

/// A peer's figures.
pub struct Rival {
    pub peer: Peer,
    /// Its seconds.
    pub theirs: Median,
    /// How many times longer it takes.
    pub ratio: Median,
    pub peak_kib: u64,
}

/// Measures a job.
///
/// # Panics
/// If results differ, or ours fails.
pub fn measure(
    job: &Job,
    peers: Vec<Peer>,
    there: &[(String, String)],
    folder: &Path,
    pairs: usize,
) -> Measured {
    let mut left_out = Vec::new();
    let result =
        |who: &str| folder.join(format!("result-{}-{}-{who}.tsv", std::process::id(), job.name));
    let ours = result(OURS);
    run(OURS, job, folder, Some(&ours)).unwrap_or_else(|why| panic!("{}: {why}", job.name));
    let mut rows = 0;
    let mut contenders = vec![Peer { name: OURS, goal: None }];
    for peer in peers {
        if !there.iter().any(|(name, _)| name == peer.name) {
            left_out.push((peer.name, "Python does not have it".to_owned()));
            continue;
        }
        let theirs = result(peer.name);
        match run(peer.name, job, folder, Some(&theirs)) {
            Err(why) => left_out.push((peer.name, why)),
            Ok(_) => {
                let same = compare::same(&ours, &theirs, job.keys);
                rows =
                    same.unwrap_or_else(|why| panic!("{}: {} differs: {why}", job.name, peer.name));
                contenders.push(peer);
            }
        }
        // Left behind, it is in nobody's way.
        let _ = std::fs::remove_file(&theirs);
    }
    let _ = std::fs::remove_file(&ours);
    let samples = rounds(job, &contenders, folder, pairs);
    let seconds = |at: usize| samples[at].iter().map(|sample| sample.seconds);
    let peak_kib = |at: usize| samples[at].iter().map(|sample| sample.peak_kib).max().unwrap_or(0);
    let rivals = (1..contenders.len()).map(|at| Rival {
        peer: contenders[at],
        theirs: Median::of(seconds(at).collect()),
        ratio: Median::of(
            seconds(at).zip(seconds(0)).map(|(theirs, ours)| theirs / ours).collect(),
        ),
        peak_kib: peak_kib(at),
    });
    let rivals = rivals.collect();
    let ours = Median::of(seconds(0).collect());
    Measured { ours, our_peak_kib: peak_kib(0), rows, rivals, left_out }
}

/// The runs of each contender, of which the first is ours, in each round.
fn rounds(job: &Job, contenders: &[Peer], folder: &Path, pairs: usize) -> Vec<Vec<Sample>> {
    let mut samples = vec![Vec::new(); contenders.len()];
    for round in 0..pairs {
        for turn in 0..contenders.len() {
            let at = (turn + round) % contenders.len();
            let sample = run(contenders[at].name, job, folder, None);
            samples[at].push(sample.unwrap_or_else(|why| {
                panic!("{}: {} fails when it is done again: {why}", job.name, contenders[at].name)
            }));
        }
    }
    samples
}
