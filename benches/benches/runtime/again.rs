//! Graphs that run again: frozen, static, and those that await.
//!
//! The baseline is a loop over tables ([`taskweave_benches::tables`]), with the same functions, called for each task; and the plain
//! loop of [`taskweave_benches::plain`], in which the compiler sees all of them at once. Beside what runs on threads stands rayon, written for
//! the shape ([`taskweave_benches::rayon::run_again`]).

use crate::parts::{PAIRS, Report, THREADS, others};
use taskweave::{Graph, InThread, Plan, Scheduler, Threads, delayed, graph, static_graph};
use taskweave_benches::measure::{median_times, paired};
use taskweave_benches::tables::Tables;
use taskweave_benches::{Shape, Times, as_times, ours, plain, rayon};

mod trees {
    //! Static graphs of binary trees, written by the build script.
    use super::*;

    #[delayed]
    #[inline(never)]
    fn leaf_task(salt: u64, i: u64) -> u64 {
        taskweave_benches::leaf(i ^ salt)
    }
    #[delayed]
    #[inline(never)]
    fn pair_task(a: u64, b: u64) -> u64 {
        taskweave_benches::pair(a, b)
    }
    include!(concat!(env!("OUT_DIR"), "/static_trees.rs"));
}

fn plan(shape: Shape) -> Plan<'static, u64> {
    ours::build(shape).freeze().expect("all of its tasks can be called again")
}

fn rerun(plan: &mut Plan<'static, u64>, scheduler: &dyn Scheduler) -> Times {
    as_times(|| plan.run_on(scheduler).expect("no task fails"))
}

/// Frozen graphs.
pub fn frozen(report: &mut Report) {
    println!("\n## A frozen graph run again, in ns for each task (median of {PAIRS})\n");
    println!(
        "| shape | tasks | in thread | {THREADS} threads | loop over tables | in thread / tables | plain loop | rayon, {THREADS} threads | rayon / ours on threads |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    let threads = Threads::new(THREADS);
    let (pool, _) = others();
    for tasks in [1_000, 10_000, 100_000, 1_000_000] {
        for shape in Shape::all(tasks) {
            let value = plain::value(shape);
            let (mut plan, mut tables) = (plan(shape), Tables::new(shape));
            assert_eq!(tables.run().value, value, "the tables are wrong");
            assert_eq!(rerun(&mut plan, &threads).value, value, "a wrong result");
            let (ratio, loops, here) =
                paired(2 * PAIRS + 1, || tables.run(), || rerun(&mut plan, &InThread));
            let plain: Vec<Times> = (0..PAIRS).map(|_| plain::run(shape)).collect();
            let [_, plain, _] = median_times(shape.tasks(), &plain);
            let ns = |seconds: f64| seconds * 1e9 / shape.tasks() as f64;
            let (here, loops) = (ns(here.value), ns(loops.value));
            let (on_threads, theirs) = match rayon::run_again(shape, &pool) {
                Some(times) => {
                    assert_eq!(times.value, value, "rayon's result is wrong");
                    let again = || rayon::run_again(shape, &pool).expect("it could be said before");
                    let (ratio, ours, theirs) =
                        paired(2 * PAIRS + 1, || rerun(&mut plan, &threads), again);
                    report.note(format!("frozen/{}/{tasks}/rayon", shape.name()), ratio.value);
                    (ns(ours.value), format!("{:.1} | {ratio}", ns(theirs.value)))
                }
                None => {
                    let times: Vec<Times> =
                        (0..2 * PAIRS + 1).map(|_| rerun(&mut plan, &threads)).collect();
                    (median_times(shape.tasks(), &times)[1], "– | –".into())
                }
            };
            report.note(format!("frozen/{}/{tasks}/in thread", shape.name()), here);
            report.note(format!("frozen/{}/{tasks}/threads", shape.name()), on_threads);
            report.note(format!("frozen/{}/{tasks}/ratio", shape.name()), ratio.value);
            println!(
                "| {} | {} | {here:.1} | {on_threads:.1} | {loops:.1} | {ratio} | {plain:.1} | {theirs} |",
                shape.name(),
                shape.tasks()
            );
        }
    }
}

/// As many runs as make about a million tasks.
fn many(tasks: u64, mut run: impl FnMut(u64) -> u64) -> Times {
    as_times(|| (0..1_000_000 / tasks).fold(0, |sum, salt| sum ^ run(salt)))
}

/// Static graphs.
pub fn fixed(report: &mut Report) {
    println!(
        "\n## A static graph run again, in ns for each task (a binary tree, median of {PAIRS})\n"
    );
    println!(
        "| tasks | static | the same calls by hand | static / by hand | loop over tables | rayon `join`, {THREADS} threads |"
    );
    println!("|---|---|---|---|---|---|");
    let (pool, _) = others();
    let mut line = |tasks: u64, run: &mut dyn FnMut(u64) -> u64, by_hand: &dyn Fn(u64) -> u64| {
        assert!((0..9).all(|salt| run(salt) == by_hand(salt)), "a wrong result");
        let (ratio, hand, here) =
            paired(2 * PAIRS + 1, || many(tasks, by_hand), || many(tasks, &mut *run));
        let mut tables = Tables::new(Shape::Tree(tasks.div_ceil(2) as u32));
        let loops: Vec<Times> = (0..PAIRS).map(|_| many(tasks, |_| tables.run().value)).collect();
        let per_task = |seconds: f64| seconds * 1e9 / (1_000_000 / tasks * tasks) as f64;
        let [_, loops, _] = median_times(1_000_000 / tasks * tasks, &loops);
        let tree = Shape::Tree(tasks.div_ceil(2) as u32);
        let joined = |_| rayon::run_again(tree, &pool).expect("rayon has trees").value;
        assert_eq!(joined(0), plain::value(tree), "rayon's result is wrong");
        let joins: Vec<Times> = (0..PAIRS).map(|_| many(tasks, joined)).collect();
        let [_, joins, _] = median_times(1_000_000 / tasks * tasks, &joins);
        let (here, hand) = (per_task(here.value), per_task(hand.value));
        report.note(format!("static/{tasks}"), here);
        report.note(format!("static/{tasks}/ratio"), ratio.value);
        println!("| {tasks} | {here:.1} | {hand:.1} | {ratio} | {loops:.1} | {joins:.1} |");
    };
    let mut tree = trees::Tree15::new();
    line(15, &mut |salt| tree.run(salt).expect("no task fails"), &trees::by_hand_15);
    let mut tree = trees::Tree255::new();
    line(255, &mut |salt| tree.run(salt).expect("no task fails"), &trees::by_hand_255);
    let mut tree = trees::Tree1023::new();
    line(1023, &mut |salt| tree.run(salt).expect("no task fails"), &trees::by_hand_1023);
}

#[delayed]
fn next(x: u64) -> u64 {
    taskweave_benches::step(x)
}

/// A chain that is awaited at each step.
fn awaited(steps: u32) -> Graph<'static, u64> {
    graph! { move
        let mut x = next(0);
        for _ in 1..steps {
            let value = x.await;
            x = next(value);
        }
        x
    }
}

/// The same chain as one graph.
fn chained(steps: u32) -> Graph<'static, u64> {
    graph!({
        let mut x = next(0);
        for _ in 1..steps {
            x = next(x);
        }
        x
    })
}

/// What `.await` costs beyond the tasks.
pub fn awaits(report: &mut Report) {
    const STEPS: u32 = 10_000;
    println!("\n## `.await`, in ns for each awaited value (a chain of {STEPS}, warm)\n");
    println!("| | awaited | the same chain without | `.await` costs |\n|---|---|---|---|");
    let threads = Threads::new(THREADS);
    for (name, scheduler) in [("in thread", &InThread as &dyn Scheduler), ("2 threads", &threads)] {
        let run = |graph: Graph<'static, u64>| {
            as_times(|| graph.compute_on(scheduler).expect("no task fails"))
        };
        let (_, plain, here) =
            paired(2 * PAIRS + 1, || run(chained(STEPS)), || run(awaited(STEPS)));
        let ns = |seconds: f64| seconds * 1e9 / f64::from(STEPS);
        let (here, plain) = (ns(here.value), ns(plain.value));
        report.note(format!("await/{name}"), here - plain);
        println!("| {name} | {here:.0} | {plain:.0} | {:.0} |", here - plain);
    }
}
