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
