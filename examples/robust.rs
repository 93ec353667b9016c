//! A sweep in which some points fail, some panic and one takes too long: what comes out under each policy.
//!
//!     cargo run --release --example robust
//!
//! ```text
//! rates 2.8 .. 4.05 ── long_run(rate)? ──┬─ stop at the first failure
//! (at most 200 ms each)                  ├─ stop after two, finish all that can be finished
//!                                        ├─ .catch: another value instead
//!                                        ├─ each result as it is done
//!                                        └─ spawned, without a time limit, then cancelled
//! a server that is busy ── ask(server)? ─── tried again, after a pause, two at a time
//! ```
//! The model is the logistic map `x -> rate x (1 - x)` (R. M. May, "Simple mathematical models with very complicated dynamics", Nature 261,
//! 1976): up to a rate of 4 it stays between 0 and 1, above that it escapes, which is the `Err`. Where it settles on one value, `long_run`
//! is asked for its spread, which is 0: something that this model, wrongly, lets panic. A rate of exactly 4 is started from a point that
//! never leaves its place, and `long_run` waits for it to do so: in the sweep until its time is over, in the background until the run is cancelled.
//!
//! In: nothing. Out: for each policy which points gave a value, which failed and why, in the order of the sweep; the same on each run.

use std::error::Error as StdError;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use taskweave::prelude::*;
use taskweave::{ErrorKind, OnFailure, TaskOptions, checkpoint};

const RATES: [f64; 9] = [2.8, 3.2, 3.5, 3.6, 3.83, 3.9, 4.0, 4.02, 4.05];

/// How far the map's values lie apart after a long time, in thousandths of the largest.
#[delayed(timeout = Duration::from_millis(200))]
fn long_run(rate: f64) -> Result<u32, Box<dyn StdError + Send + Sync>> {
    let mut x = if rate == 4.0 { 0.75 } else { 0.3_f64 };
    while x == 0.75 {
        // An `Err` once the time is over, or the run is cancelled.
        checkpoint()?;
        x = rate * x * (1.0 - x);
    }
    for step in 0..20_000 {
        x = rate * x * (1.0 - x);
        if !(0.0..=1.0).contains(&x) {
            return Err(format!("a rate of {rate} escapes after {step} steps").into());
        }
    }
    let (mut low, mut high) = (x, x);
    for _ in 0..1_000 {
        x = rate * x * (1.0 - x);
        (low, high) = (low.min(x), high.max(x));
    }
    let steps = ((high - low) * 1e9).round() as u64;
    assert!(steps > 0, "a rate of {rate} settles on one value, whose spread is 0");
    Ok((1_000.0 * (high - low) / high) as u32)
}

/// Answers when it is asked the third time.
#[delayed(retries = 3, backoff = Duration::from_millis(1), max_running = 2)]
fn ask(server: &AtomicU32) -> Result<u32, String> {
    match server.fetch_add(1, Ordering::SeqCst) {
        2 => Ok(3),
        asked => Err(format!("busy, asked {} times", asked + 1)),
    }
}

#[delayed]
fn largest(spreads: Vec<u32>) -> u32 {
    spreads.into_iter().max().unwrap_or(0)
}

fn sweep() -> Graph<'static, Vec<u32>> {
    graph!({ RATES.iter().map(|&rate| long_run(rate)?).collect::<Vec<_>>() })
}

fn main() -> Result<(), Error> {
    // A panic that is part of the plan needs no backtrace.
    std::panic::set_hook(Box::new(|_| {}));
    for (name, policy) in [
        ("stop at the first failure", OnFailure::Stop),
        ("stop after two", OnFailure::StopAfter(2)),
        ("finish", OnFailure::Finish),
    ] {
        let Err(error) = sweep().on_failure(policy).compute() else {
            unreachable!("four points fail");
        };
        println!("{name}: {} told", error.all().len());
        for error in error.all() {
            println!("  {:?}: {}", error.kind(), what(error));
        }
    }

    let caught = graph!({
        let spreads: Vec<_> = RATES.iter().map(|&rate| long_run(rate)?.catch(|_| 0)).collect();
        largest(spreads)
    });
    println!("catch: the largest spread of those that have one is {} ‰", caught.compute()?);

    let mut results = vec![String::new(); RATES.len()];
    sweep().compute_each(|index, result| {
        results[index] = match result {
            Ok(spread) => format!("{spread} ‰"),
            Err(error) => format!("{:?}", error.kind()),
        };
    })?;
    println!("each:");
    for (rate, result) in RATES.iter().zip(results) {
        println!("  {rate:<4} {result}");
    }

    let server = AtomicU32::new(0);
    println!("retries: {} times asked", graph!({ ask(&server)? }).compute()?);

    let patient = TaskOptions::new().timeout(Duration::from_secs(3600));
    let run = graph!({ long_run(4.0)?.with(patient) }).spawn();
    let in_time = run.wait_timeout(Duration::from_millis(100));
    println!("spawned: {}", if in_time.is_none() { "not done after 100 ms" } else { "done" });
    let error = run.cancel_and_wait().expect_err("it has no end");
    assert!(matches!(error.kind(), ErrorKind::Cancelled | ErrorKind::Failed));
    println!("cancelled: {}", what(&error));
    Ok(())
}

/// What an error says behind the task and the place.
fn what(error: &Error) -> String {
    let text = error.to_string();
    text.split_once(") ").map_or(text.clone(), |(_, what)| what.to_string())
}
