//! How much memory is in use at once, and afterwards, by an allocator that counts: few rows of large blocks keep no block, and a field that is
//! long is held in a few copies.
//!
//! A binary of its own, and one test in it: everything that a process allocates is counted.
#![allow(clippy::unwrap_used)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use taskweave_frame::prelude::*;
use taskweave_runtime::InThread;

struct Counting;

/// Bytes that are allocated, and the most that there were since it was set. Relaxed: they are read when the work is done, by who has done it.
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

/// What work takes at most, what is left of it, and what it has made.
fn used<T>(work: impl FnOnce() -> T) -> (usize, usize, T) {
    let live = LIVE.load(Relaxed);
    PEAK.store(live, Relaxed);
    let made = work();
    (PEAK.load(Relaxed) - live, LIVE.load(Relaxed).saturating_sub(live), made)
}

const PARTITIONS: i64 = 10;
const ROWS: i64 = 20_000;
/// Numbers, times, and texts that are too long to stand in a view.
const BLOCK_BYTES: usize = 20_000 * (8 + 8 + 16 + 30);
/// The block at hand with what it is made of, and what it is grouped, sorted or looked up by.
const PEAK_MAX: usize = 5 * BLOCK_BYTES;
/// A few rows of each partition, and the capacity of the least buffers.
const LEFT_MAX: usize = BLOCK_BYTES / 10;

/// A field of 100 MB.
const FIELD_BYTES: usize = 100_000_000;
/// The reader's buffer and its column, what growing them copies, and the block.
const FIELDS_MAX: usize = 8;

fn block(number: i64) -> DataFrame {
    let from = number * ROWS;
    let n: Vec<i64> = (from..from + ROWS).collect();
    let at: Vec<i64> = n.iter().map(|n| n * 1_000_000).collect();
    let text: Vec<String> = n.iter().map(|n| format!("a text of row number {n:09}")).collect();
    df!("n" => n, "at" => at, "text" => text).unwrap()
}

fn blocks() -> Frame {
    Frame::from_map(0..PARTITIONS, |number: &i64| block(*number), block(0).clear())
        .cast([("at", DataType::Datetime(TimeUnit::Microseconds, None))])
}

/// That work takes about a block, and leaves a few rows.
fn is_small(name: &str, work: impl FnOnce() -> DataFrame) {
    let (most, left, made) = used(work);
    assert!((1..=20).contains(&made.height()), "{name}: {made}");
    assert!(most < PEAK_MAX, "{name}: {most} bytes at once, and a block has {BLOCK_BYTES}");
    assert!(left < LEFT_MAX, "{name}: {left} bytes are kept of blocks of {BLOCK_BYTES}");
}

fn few_rows_keep_no_block() {
    let frame = blocks();
    let one_a_block = || frame.filter((col("n") % ROWS).eq(0));
    is_small("sorted_by", || {
        let sorted = frame.sorted_by("text");
        df!("bounds" => [sorted.divisions().bounds().len() as u32]).unwrap()
    });
    is_small("head", || frame.head(3).unwrap());
    is_small("head of many", || frame.filter((col("n") % (ROWS * 2)).eq(0)).head(4).unwrap());
    is_small("tail", || frame.tail(3).unwrap());
    is_small("persist", || one_a_block().persist().unwrap().compute_on(&InThread).unwrap());
    let (sorted, by_text) = (frame.sorted_by("n"), frame.sorted_by("text"));
    let [first, last] = ["a text of row number 000050000", "a text of row number 000050002"];
    let numbered = frame.with_columns([(col("n") / ROWS).cast(DataType::Int32).alias("k")]);
    let aggregates = [col("text").last(), col("at").max()];
    let counted = |expr: Expr| frame.select([expr.alias("it")]).agg([col("it").count()]);
    for (name, frame) in [
        ("filter", one_a_block()),
        ("join", one_a_block().join(&one_a_block().select("n"), "n", JoinType::Semi)),
        ("top_k", frame.top_k(3, "n")),
        ("bottom_k", frame.bottom_k(3, "text")),
        ("first", frame.first()),
        ("last of groups", frame.group_by(col("n") % 3).agg(aggregates)),
        ("unique", numbered.unique("k")),
        ("loc", sorted.loc(10..13)),
        ("loc of texts", by_text.loc(first..=last)),
        ("shift", counted(col("text").shift(2))),
        ("forward_fill", counted(col("text").forward_fill(None))),
        ("rolling", counted(col("n").rolling_mean(5))),
        ("cum_sum", counted(col("n").cum_sum())),
    ] {
        is_small(name, || frame.compute_on(&InThread).unwrap());
    }
}

/// One field of text with delimiters, quotes and newlines in it, between two rows.
fn a_field_of_100_mb() {
    let path =
        std::env::temp_dir().join(format!("taskweave-frame-field-{}.csv", std::process::id()));
    let line = "0123,56789,abcdefghijklmnopqrst \"\"uvw\"\" xyz\n";
    let lines = FIELD_BYTES / line.len();
    std::fs::write(&path, format!("a,b,c\n1,x,2\n3,\"{}\",4\n5,y,6\n", line.repeat(lines)))
        .unwrap();
    for partition_bytes in [1 << 40, 16 << 20] {
        let options = CsvOptions::new().partition_bytes(partition_bytes);
        let (most, _, found) = used(|| {
            let frame = Frame::read_csv_with(&path, options);
            let sums = [col("a").sum(), col("b").str().len_bytes().max(), col("c").sum(), len()];
            frame.agg(sums).compute_on(&InThread).unwrap()
        });
        let longest = (lines * (line.len() - 2)) as u32;
        let expected = df!("a" => [9_i64], "b" => [longest], "c" => [12_i64], "len" => [3_u32]);
        assert_eq!(found, expected.unwrap());
        assert!(most < FIELDS_MAX * FIELD_BYTES, "{most} bytes");
    }
    // What is wrong behind it is told of its file and line, and of the field a few words.
    let options = CsvOptions::new().null_values(["x"]).declare("b", DataType::Int64);
    let (most, _, error) =
        used(|| Frame::read_csv_with(&path, options).compute_on(&InThread).unwrap_err());
    std::fs::remove_file(&path).unwrap();
    let message = error.to_string();
    for word in [".csv:3, column `b`", "\"0123,56789,abc", "declare(\"b\", DataType::String)"] {
        assert!(message.contains(word), "{word:?} is not in: {message}");
    }
    assert!(message.len() < 600, "{} bytes of message", message.len());
    assert!(most < FIELDS_MAX * FIELD_BYTES, "{most} bytes with an error");
}

#[test]
fn memory_is_that_of_what_is_at_hand() {
    few_rows_keep_no_block();
    a_field_of_100_mb();
}
