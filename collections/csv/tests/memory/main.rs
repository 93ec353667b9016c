//! How much memory is in use at once, by an allocator that counts: what is read piece by piece stays under a bound, however long the file.
//!
//! A binary of its own, and one test in it: everything that a process allocates is counted.
#![allow(clippy::unwrap_used)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use taskweave_csv::{Columns, Options, Part, Source};

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
/// The 16 MiB that a record may take which may be none, and what growing the buffer copies.
const GUESSED_BYTES_MAX: usize = 28 << 20;

/// The most bytes that are allocated at once by reading a part, beyond those that there are.
fn peak(source: &Source, part: &Part, columns: &[&str]) -> (usize, usize) {
    let live = LIVE.load(Relaxed);
    PEAK.store(live, Relaxed);
    let init = || 0;
    let count = |rows: &mut usize, columns: &Columns| {
        *rows += columns.rows();
        ControlFlow::Continue(())
    };
    let rows = source.fold(part, columns, init, count).unwrap();
    (PEAK.load(Relaxed) - live, rows)
}

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
    let source = Source::open([&path], Options::new()).unwrap();
    let (used, rows) = peak(&source, &Part::new(0, 0, length as u64), &["b", "c", "a"]);
    assert_eq!(rows, 1_000_000);
    assert!(used < BYTES_MAX && BYTES_MAX < length / 4, "{used} bytes of a file of {length}");

    // The border is between quotes, and behind it there is only the one that closes: it seems to open a field that never ends.
    let rows_before = 100_000;
    let at = text.match_indices('\n').nth(rows_before).unwrap().0 + 1;
    let row = "0,\"x\n\",1\n";
    text.insert_str(at, row);
    let border = (at + 5) as u64;
    text += &text.clone()[at + row.len()..];
    std::fs::write(&path, &text).unwrap();
    let length = text.len();
    drop(text);
    let source = Source::open([&path], Options::new().sample_rows(10)).unwrap();
    let (used, _) = peak(&source, &Part::new(0, border, length as u64), &["b"]);
    std::fs::remove_file(&path).unwrap();
    assert!(
        used < GUESSED_BYTES_MAX && GUESSED_BYTES_MAX < length,
        "{used} bytes of a file of {length}"
    );
}
