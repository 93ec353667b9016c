//! Building a graph allocates the arena's chunks and nothing else.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use taskweave::prelude::*;

struct Counting;

thread_local! {
    /// Of this thread alone: the test harness allocates on others.
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: passes everything on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: passed on.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: passed on.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

#[delayed]
fn leaf(x: f64) -> f64 {
    x
}
#[delayed]
fn join(a: f64, b: &f64) -> f64 {
    a + b
}
#[delayed]
fn pair(a: f64) -> (f64, f64) {
    (a, a)
}
#[delayed]
fn checked(a: f64) -> Result<f64, String> {
    Ok(a)
}

#[test]
fn building_allocates_chunks_only() {
    let _serial = super::SERIAL.lock();
    const TASKS: usize = 100_000;
    let before = ALLOCATIONS.get();
    let graph = graph!({
        let mut sum = leaf(0.0);
        for i in 0..TASKS {
            let (a, b) = pair(leaf(i as f64));
            sum = join(sum, &a) + checked(b)? * 2.0;
        }
        sum
    });
    let allocations = ALLOCATIONS.get() - before;
    // 800,000 nodes of some 64 bytes in chunks of up to 2 MiB.
    assert!(allocations < 100, "{allocations} allocations for {} tasks", 8 * TASKS);
    assert_eq!(graph.compute().unwrap(), 3.0 * (TASKS * (TASKS - 1) / 2) as f64);
}

#[test]
fn handles_in_a_vector_keep_its_allocation() {
    let _serial = super::SERIAL.lock();
    #[delayed]
    fn total(values: Vec<f64>) -> f64 {
        values.iter().sum()
    }
    const TASKS: usize = 10_000;
    let before = ALLOCATIONS.get();
    let graph = graph!({
        let mut values = Vec::with_capacity(TASKS);
        for i in 0..TASKS {
            values.push(leaf(i as f64));
        }
        total(values)
    });
    let allocations = ALLOCATIONS.get() - before;
    assert!(allocations < 20, "{allocations} allocations");
    assert_eq!(graph.compute().unwrap(), (TASKS * (TASKS - 1) / 2) as f64);
}

/// Allocations of `run`, on this thread.
fn allocations_of(mut run: impl FnMut()) -> usize {
    let before = ALLOCATIONS.get();
    run();
    ALLOCATIONS.get() - before
}

mod pipe {
    use super::{checked, join, leaf, pair};
    use taskweave::{delayed, static_graph};

    #[delayed]
    fn first(both: &(f64, f64)) -> f64 {
        both.0
    }
    static_graph! {
        pub struct Pipe(x: f64, factor: &f64) {
            let out = join(left, &right);
            let left = join(start, factor);
            let right = first(&both);
            let both = pair(start);
            let start = checked(one)?;
            let one = leaf(x);
            out
        }
    }
}

#[test]
fn a_static_graph_runs_without_allocating() {
    let _serial = super::SERIAL.lock();
    let mut pipe = pipe::Pipe::new();
    let mut sum = 0.0;
    // A run that the machine holds up would be tried on threads, which takes a few allocations for each run.
    let allocations = taskweave::with_scheduler(&InThread, || {
        allocations_of(|| {
            for n in 0..1_000 {
                sum += pipe.run(f64::from(n), &1.0).unwrap();
            }
        })
    })
    .unwrap();
    assert_eq!(sum, f64::from((0..1_000).map(|n| 2 * n + 1).sum::<i32>()));
    assert_eq!(allocations, 0);
}

#[test]
fn a_plan_runs_again_without_allocating_per_task() {
    let _serial = super::SERIAL.lock();
    fn plan(tasks: u32) -> taskweave::Plan<'static, f64> {
        let graph = graph!({
            let start = taskweave::input("start", 1.0);
            let mut sum = leaf(start);
            for n in 0..tasks {
                let leaf = leaf(f64::from(n));
                sum = join(sum, &leaf);
            }
            sum
        });
        graph.freeze().unwrap()
    }
    let counts = [100, 10_000].map(|tasks| {
        let mut plan = plan(tasks);
        let all = f64::from(tasks) * f64::from(tasks - 1) / 2.0;
        let mut again = |start: f64| {
            plan.set("start", start).unwrap();
            assert_eq!(plan.run_on(&InThread).unwrap(), start + all);
        };
        again(1.0); // what is allocated once
        (allocations_of(|| again(2.0)), allocations_of(|| again(3.0)))
    });
    assert_eq!(counts[0], counts[1], "allocations grow with the tasks");
    assert!(counts[0].0 <= 4, "{counts:?}");
}
