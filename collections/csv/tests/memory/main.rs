//! How much memory is in use at once, by an allocator that counts: what is read piece by piece stays under a bound, however long the file;
//! of a field that is long itself a few copies are held, wherever parts begin and end.
//!
//! A binary of its own, and one test in it: everything that a process allocates is counted.
#![allow(clippy::unwrap_used)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use taskweave_csv::{Columns, DataType, Options, Part, Source};

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

/// A field of 100 MB.
const FIELD_BYTES: usize = 100_000_000;
/// The buffer, which is doubled until the record is in it, the text without its quotes, the column, and what growing it copies.
const FIELDS_MAX: usize = 6;

/// The most bytes that are allocated at once by reading a part, beyond those that there are.
fn peak(source: &Source, part: &Part, columns: &[&str]) -> (usize, usize) {
    used(|| rows_of(source, part, columns))
}

/// The same, of anything.
fn used<T>(work: impl FnOnce() -> T) -> (usize, T) {
    let live = LIVE.load(Relaxed);
    PEAK.store(live, Relaxed);
    let made = work();
    (PEAK.load(Relaxed) - live, made)
}

fn rows_of(source: &Source, part: &Part, columns: &[&str]) -> usize {
    let init = || 0;
    let count = |rows: &mut usize, columns: &Columns| {
        *rows += columns.rows();
        ControlFlow::Continue(())
    };
    source.fold(part, columns, init, count).unwrap()
}

/// Text with delimiters, newlines and quotes in it, in one field between two rows.
fn a_field_of_100_mb() {
    let path = std::env::temp_dir().join(format!("taskweave-csv-field-{}.csv", std::process::id()));
    let line = "0123,56789,abcdefghijklmnopqrst \"\"uvw\"\" xyz\n";
    let lines = FIELD_BYTES / line.len();
    let text = format!("a,b,c\n1,x,2\n3,\"{}\",4\n5,y,6\n", line.repeat(lines));
    let length = text.len();
    std::fs::write(&path, text).unwrap();
    let (most, source) = used(|| Source::open([&path], Options::new()).unwrap());
    assert!(most < 4 * FIELD_BYTES, "{most} bytes to open it");
    // Lines in the field look like rows, and are none.
    assert_eq!(source.schema().to_string(), "a: Int64, b: String, c: Int64");
    for part_bytes in [u64::MAX, 16 << 20] {
        let parts = source.parts(part_bytes);
        let (most, rows) = used(|| {
            let rows = parts.iter().map(|part| {
                let init = || (0, 0);
                let each = |(rows, longest): &mut (usize, usize), columns: &Columns| {
                    *rows += columns.rows();
                    let texts = columns.column(0).as_string().unwrap();
                    let longest_here = texts.iter().flatten().map(str::len).max();
                    *longest = (*longest).max(longest_here.unwrap_or(0));
                    ControlFlow::Continue(())
                };
                source.fold(part, &["b"], init, each).unwrap()
            });
            rows.reduce(|all, next| (all.0 + next.0, all.1.max(next.1))).unwrap()
        });
        assert_eq!(rows, (3, lines * (line.len() - 2)), "{} parts", parts.len());
        assert!(most < FIELDS_MAX * FIELD_BYTES, "{most} bytes in {} parts", parts.len());
    }
    // Where it is not asked for, there is no copy of it beside the buffer.
    let (most, rows) = used(|| rows_of(&source, &source.parts(u64::MAX)[0], &["a", "c"]));
    assert_eq!(rows, 3);
    assert!(most < 4 * FIELD_BYTES, "{most} bytes without the field");
    // What is wrong behind it is told with its line, and the field itself with a few words of it.
    let told = |options: Options| {
        let source = Source::open([&path], options).unwrap();
        let part = Part::new(0, 0, length as u64);
        let (most, error) = used(|| source.read(&part, &["b"]).unwrap_err());
        assert!(most < FIELDS_MAX * FIELD_BYTES, "{most} bytes with an error");
        assert!(error.to_string().len() < 500, "{} bytes of message", error.to_string().len());
        (error.line().unwrap(), error.to_string())
    };
    let (line, message) = told(Options::new().declare("b", DataType::Int64));
    assert!(line == 2 && message.contains("\"x\" is no Int64"), "{message}");
    let nulls = Options::new().null_values(["x"]).declare("b", DataType::Int64);
    let (line, message) = told(nulls);
    assert!(line == 3 && message.contains("\"0123,56789,abc"), "{message}");
    assert!(message.contains("declare(\"b\", DataType::String)"), "{message}");
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn pieces_take_no_more_memory_than_one() {
    a_field_of_100_mb();
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
