//! What options cost the tasks that have them, and a rayon pool as host.
//!
//! The baseline is the same fan without options, on the same scheduler: no attempt fails, no time is over, no task waits for a place.

use crate::parts::{PAIRS, Report, THREADS};
use std::sync::Arc;
use std::time::Duration;
use taskweave::{Graph, InThread, Limit, Scheduler, TaskOptions, Threads, delayed, graph};
use taskweave_benches::measure::paired;
use taskweave_benches::{Shape, Times, as_times, ours, plain};

const TASKS: u64 = 100_000;

#[delayed]
fn leaf(i: u64) -> u64 {
    taskweave_benches::leaf(i)
}
#[delayed]
fn join(values: Vec<u64>) -> u64 {
    taskweave_benches::join(values)
}

fn fan(options: Option<TaskOptions>) -> Graph<'static, u64> {
    graph!({
        let values: Vec<_> = (0..TASKS)
            .map(|i| match options {
                None => leaf(i),
                Some(options) => leaf(i).with(options),
            })
            .collect();
        join(values)
    })
}

fn run(options: Option<TaskOptions>, scheduler: &dyn Scheduler) -> Times {
    as_times(|| fan(options).compute_on(scheduler).expect("no task fails"))
}

/// Options.
pub fn options(report: &mut Report) {
    static MANY: Limit = Limit::new(1_000_000);
    println!(
        "\n## What an option costs a task, in ns more than without (a fan of {TASKS}, median of {PAIRS} pairs)\n"
    );
    println!("| option | in thread | {THREADS} threads |");
    println!("|---|---|---|");
    let threads = Threads::new(THREADS);
    let all = [
        ("priority", TaskOptions::new().priority(1)),
        ("retries", TaskOptions::new().retries(1)),
        ("timeout", TaskOptions::new().timeout(Duration::from_secs(3600))),
        ("limit", TaskOptions::new().within(&MANY)),
    ];
    for (name, options) in all {
        let mut cost = |scheduler: &dyn Scheduler, on: &str| {
            let value = run(None, scheduler).value;
            assert_eq!(run(Some(options), scheduler).value, value, "a wrong result");
            let (_, without, with) =
                paired(PAIRS, || run(None, scheduler), || run(Some(options), scheduler));
            let more = (with.value - without.value) * 1e9 / TASKS as f64;
            report.note(format!("options/{name}/{on}"), more);
            more
        };
        let (here, there) = (cost(&InThread, "in thread"), cost(&threads, "threads"));
        println!("| {name} | {here:.0} | {there:.0} |");
    }
}

/// A rayon pool as host.
pub fn hosted(report: &mut Report) {
    println!(
        "\n## Workers that are guests in a rayon pool of {THREADS}, in ns for each task (1,000,000 tasks)\n"
    );
    println!("| shape | threads of our own | guests | guests / own |");
    println!("|---|---|---|---|");
    let pool = ::rayon::ThreadPoolBuilder::new().num_threads(THREADS).build();
    let guests = Threads::on_rayon(&Arc::new(pool.expect("the system gives threads")));
    let own = Threads::new(THREADS);
    for shape in Shape::all(1_000_000) {
        let on = |threads: &Threads| {
            as_times(|| ours::build(shape).compute_on(threads).expect("no task fails"))
        };
        assert_eq!(on(&guests).value, plain::value(shape), "a wrong result");
        let (ratio, own, guests) = paired(PAIRS, || on(&own), || on(&guests));
        let ns = |seconds: f64| seconds * 1e9 / shape.tasks() as f64;
        report.note(format!("hosted/{}", shape.name()), ratio.value);
        println!("| {} | {:.0} | {:.0} | {ratio} |", shape.name(), ns(own.value), ns(guests.value));
    }
}
