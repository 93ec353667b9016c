//! Runs under fire: random graphs with panics, errors, retries, timeouts, catches and destructors that panic; cancelled and dropped at random moments; many at once.
//!
//! A binary of its own, because it counts values in the whole process. Few of everything by default; `TASKWEAVE_GATE=full` for what `.ci/run` does, and
//! `TASKWEAVE_GATE_SEED=n` for one graph alone. What was seen is printed; a hang ends the process, with the state of the run ([`watchdog`]).
#![allow(clippy::unwrap_used)]
#![forbid(unsafe_code)]

mod graphs;
mod watchdog;

use graphs::{Random, alive, build, good};
use std::sync::mpsc::channel;
use std::sync::{Mutex, Once};
use std::time::{Duration, Instant};
use taskweave::prelude::*;
use taskweave::{ErrorKind, OnFailure, TaskOptions};
use watchdog::Watched;

#[derive(Clone, Copy)]
struct Size {
    graphs: u64,
    cancels: u64,
    threads: usize,
    graphs_a_thread: u64,
    timeouts: usize,
}

fn size() -> Size {
    match std::env::var("TASKWEAVE_GATE").as_deref() {
        Ok("full") => Size {
            graphs: 10_000,
            cancels: 1_000,
            threads: 64,
            graphs_a_thread: 1_000,
            timeouts: 300,
        },
        Ok("threads") => {
            Size { graphs: 50, cancels: 50, threads: 64, graphs_a_thread: 1_000, timeouts: 5 }
        }
        _ => Size { graphs: 200, cancels: 60, threads: 16, graphs_a_thread: 20, timeouts: 10 },
    }
}

fn seeds(count: u64) -> Vec<u64> {
    match std::env::var("TASKWEAVE_GATE_SEED") {
        Ok(seed) => vec![seed.parse().unwrap()],
        Err(_) => (0..count).collect(),
    }
}

/// One after the other: values are counted in the whole process.
static ALONE: Mutex<()> = Mutex::new(());

/// Panics of tasks are part of the plan, and not told.
fn quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !panic.location().is_some_and(|at| at.file().ends_with("graphs.rs")) {
                hook(panic);
            }
        }));
    });
}

#[test]
fn random_graphs_end_as_in_thread_and_nothing_is_left() {
    let _alone = ALONE.lock().unwrap_or_else(|poison| poison.into_inner());
    quiet();
    let pools: Vec<Threads> = [1, 2, 8].map(Threads::new).into();
    let (mut compared, mut failed) = (0, 0);
    for seed in seeds(size().graphs) {
        let policy = match seed % 3 {
            0 => OnFailure::Stop,
            1 => OnFailure::StopAfter(3),
            _ => OnFailure::Finish,
        };
        let told = |outcome: Result<u64, Error>| {
            outcome.map_err(|error| error.all().iter().map(ToString::to_string).collect::<Vec<_>>())
        };
        let expected = {
            let _watched = Watched::new(seed, "in thread");
            told(build(seed).on_failure(policy).compute_on(&InThread))
        };
        assert_eq!(alive(), 0, "seed {seed}, in thread");
        failed += usize::from(expected.is_err());
        for pool in &pools {
            let watched = Watched::new(seed, &format!("{pool:?}"));
            let graph = build(seed).on_failure(policy);
            // Half of them on the way of those that nobody looks at.
            let outcome = match seed % 2 {
                0 => graph.compute_on(pool),
                _ => graph.compute_on(&pool.clone().observe(watched.observer())),
            };
            assert_eq!(told(outcome), expected, "seed {seed}, {pool:?}");
            assert_eq!(alive(), 0, "seed {seed}, {pool:?}");
            if seed % 16 == 0 {
                assert_eq!(good(seed).compute_on(pool).unwrap(), 4_950, "after seed {seed}");
            }
            drop(watched);
            compared += 1;
        }
    }
    println!(
        "random graphs compared: {compared}, of {failed} seeds that fail and {} that don't",
        size().graphs as usize - failed
    );
}

#[test]
fn runs_are_cancelled_and_dropped_at_random_moments() {
    let _alone = ALONE.lock().unwrap_or_else(|poison| poison.into_inner());
    quiet();
    let mut outcomes = [0_usize; 3];
    for seed in seeds(size().cancels) {
        let _watched = Watched::new(seed, "cancelled");
        let mut random = Random(seed ^ 0xca9ce1);
        let pool = Threads::new(1 + random.below(4));
        let run = build(seed).spawn_on(&pool);
        let moment = Duration::from_nanos(random.next() % 300_000);
        let start = Instant::now();
        while start.elapsed() < moment {
            std::hint::spin_loop();
        }
        match random.below(3) {
            0 => drop(run),
            1 => match run.cancel_and_wait() {
                Err(error) if error.kind() == ErrorKind::Cancelled => outcomes[0] += 1,
                Err(_) => outcomes[1] += 1,
                Ok(_) => outcomes[2] += 1,
            },
            _ => {
                run.cancel();
                let _ = run.wait();
            }
        }
        assert_eq!(good(seed).compute_on(&pool).unwrap(), 4_950);
        drop(pool);
        // A run that was dropped ends in its own time; the watchdog has seen enough if it does not.
        while alive() > 0 {
            std::thread::yield_now();
        }
        assert_eq!(alive(), 0, "seed {seed}");
    }
    let [cancelled, failed, done] = outcomes;
    println!(
        "runs cancelled: {}, of those waited for {cancelled} cancelled, {failed} failed before, {done} done before",
        size().cancels
    );
}

#[test]
fn many_threads_compute_at_once() {
    let _alone = ALONE.lock().unwrap_or_else(|poison| poison.into_inner());
    quiet();
    let (pool, size) = (Threads::new(4), size());
    let _watched = Watched::new(0, "many threads at once");
    std::thread::scope(|scope| {
        for thread in 0..size.threads as u64 {
            let pool = &pool;
            scope.spawn(move || {
                for number in 0..size.graphs_a_thread {
                    match number % 8 {
                        0 => drop(build(thread * 1_000 + number).compute_on(pool)),
                        _ => assert_eq!(good(number).compute_on(pool).unwrap(), 4_950),
                    }
                }
            });
        }
    });
    drop(pool);
    assert_eq!(alive(), 0);
    println!(
        "graphs computed by {} threads at once: {}",
        size.threads,
        size.threads as u64 * size.graphs_a_thread
    );
}

/// Reported, not asserted: the machine may have other things to do.
#[test]
fn how_late_a_timeout_is_told() {
    let _alone = ALONE.lock().unwrap_or_else(|poison| poison.into_inner());
    let timeout = Duration::from_millis(5);
    let pool = Threads::new(2);
    let mut late: Vec<Duration> = (0..size().timeouts)
        .map(|_| {
            let _watched = Watched::new(0, "timeouts");
            let (let_go, release) = channel::<()>();
            let graph = Graph::build(|graph| {
                // It holds on until it is let go, whatever it is told.
                let task = graph.value(()).map(move |()| release.recv().is_ok());
                task.with(TaskOptions::new().timeout(timeout))
            });
            let start = Instant::now();
            let run = graph.spawn_on(&pool);
            let error = run.wait().unwrap_err();
            let late = start.elapsed().saturating_sub(timeout);
            assert_eq!(error.kind(), ErrorKind::TimedOut);
            drop(let_go);
            late
        })
        .collect();
    late.sort_unstable();
    let at = |share: f64| late[((late.len() - 1) as f64 * share) as usize];
    println!(
        "timeouts told late by: median {:?}, p99 {:?}, at most {:?}, of {}",
        at(0.5),
        at(0.99),
        at(1.0),
        late.len()
    );
}
