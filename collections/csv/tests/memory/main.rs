//! How much memory is in use at once, by an allocator that counts: what is read piece by piece stays under a bound, however long the file.
//!
//! A binary of its own, and one test in it: everything that a process allocates is counted.
#![allow(clippy::unwrap_used)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use taskweave_csv::{Options, Source};

struct Counting;

/// Bytes that are allocated, and the most that there were since it was set. Relaxed: one thread writes and reads them.
static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

// SAFETY: passes everything on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        PEAK.fetch_max(LIVE.fetch_add(layout.size(), Relaxed) + layout.size(), Relaxed);
        // SAFETY: passed on.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Relaxed);
        // SAFETY: passed on.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// A piece of 256 KiB, its index with room for as much again, the columns of a piece, and what growing them copies.
const BYTES_MAX: usize = 4 << 20;

#[test]
fn pieces_take_no_more_memory_than_one() {
    let path =
        std::env::temp_dir().join(format!("taskweave-csv-memory-{}.csv", std::process::id()));
    let mut text = "a,b,c\n".to_owned();
    for row in 0..1_000_000 {
        text += &format!("{row},carrier,{}.5\n", row % 100);
    }
    std::fs::write(&path, &text).unwrap();
    let length = text.len();
    drop(text);
    let source = Source::open([&path], Options::new()).unwrap();
    let live = LIVE.load(Relaxed);
    PEAK.store(live, Relaxed);
    let mut rows = 0;
    for part in source.parts(u64::MAX) {
        rows += source
            .fold(
                &part,
                &["b", "c", "a"],
                || 0,
                |rows, columns| {
                    *rows += columns.rows();
                    ControlFlow::Continue(())
                },
            )
            .unwrap();
    }
    let peak = PEAK.load(Relaxed) - live;
    std::fs::remove_file(&path).unwrap();
    assert_eq!(rows, 1_000_000);
    assert!(peak < BYTES_MAX && BYTES_MAX < length / 4, "{peak} bytes of a file of {length}");
}
