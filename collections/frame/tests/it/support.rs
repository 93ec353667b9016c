//! Tables at random, cut at random, and results that are compared with what is computed of the whole table.
//!
//! In: seeds; a step of frames, and the same of one table. Out: nothing, or a panic that names the seed. `TASKWEAVE_SEED` shifts all seeds.
//!
//! Each step is computed by one thread and by three, which have to give the same bits; then once more with one of its columns alone, and once
//! in a frame that reads it twice: neither may change what is in it.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use taskweave_frame::polars_core::prelude::{IdxCa, IntoColumn, NamedFrom, PlSmallStr, TimeUnit};
use taskweave_frame::polars_core::scalar::Scalar;
use taskweave_frame::prelude::*;
use taskweave_frame::{Error, ErrorKind};
use taskweave_runtime::{InThread, Threads};

/// How far sums may be from those of another order, as a part of them.
const NEAR: f64 = 1e-9;

/// Numbers that look random, the same for the same seed.
pub struct Random(u64);

impl Random {
    /// The seed is that of `TASKWEAVE_SEED`, if it is set, plus `at`.
    pub fn new(at: u64) -> Random {
        let seed = std::env::var("TASKWEAVE_SEED").ok().and_then(|text| text.parse().ok());
        let seed = seed.unwrap_or(0_u64).wrapping_add(at);
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        // Neighbouring seeds begin alike.
        (0..8).for_each(|_| {
            let _ = random.below(2);
        });
        random
    }

    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % limit
    }

    /// True once in so many times.
    pub fn once_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    fn maybe<T>(&mut self, value: T) -> Option<T> {
        if self.once_in(6) { None } else { Some(value) }
    }
}

/// A table of so many rows:
///
/// | `n` | the number of the row | `s`, `t` | short strings; longer ones too, and empty ones |
/// |---|---|---|---|
/// | `i` | integers, few of them, nulls | `b` | booleans, nulls |
/// | `k` | `Int8`, no nulls | `d` | dates, nulls |
/// | `f` | floats: nulls, NaN, both zeros | `at` | times that rise, some of them equal |
/// | `g` | floats that are numbers | `l` | lists: nulls, empty ones |
pub fn table(random: &mut Random, rows: usize) -> DataFrame {
    let every = |random: &mut Random, limit: usize| random.below(limit) as i64;
    let i: Vec<Option<i64>> = (0..rows)
        .map(|_| {
            let v = every(random, 7) - 3;
            random.maybe(v)
        })
        .collect();
    let k: Vec<i8> = (0..rows).map(|_| random.below(4) as i8).collect();
    let f: Vec<Option<f64>> = (0..rows)
        .map(|_| {
            let value = match random.below(12) {
                0 => f64::NAN,
                1 => -0.0,
                2 => 0.0,
                other => other as f64 * 0.5 - 3.0,
            };
            random.maybe(value)
        })
        .collect();
    let g: Vec<f64> = (0..rows).map(|_| random.below(1_000_000) as f64 / 997.0 - 400.0).collect();
    let s: Vec<Option<String>> = (0..rows)
        .map(|_| {
            let v = format!("k{}", random.below(5));
            random.maybe(v)
        })
        .collect();
    let t: Vec<Option<String>> = (0..rows)
        .map(|_| {
            let text = match random.below(4) {
                0 => String::new(),
                1 => "exactly 12 b".to_owned(),
                _ => format!("more than twelve bytes, ä {}", random.below(6)),
            };
            random.maybe(text)
        })
        .collect();
    let b: Vec<Option<bool>> = (0..rows)
        .map(|_| {
            let v = random.once_in(2);
            random.maybe(v)
        })
        .collect();
    let d: Vec<Option<i32>> = (0..rows)
        .map(|_| {
            let v = random.below(60) as i32 + 15_700;
            random.maybe(v)
        })
        .collect();
    let mut now = 1_356_998_400_000_000_i64;
    let at: Vec<i64> = (0..rows)
        .map(|_| {
            if !random.once_in(4) {
                now += every(random, 40_000) * 1_000_000;
            }
            now
        })
        .collect();
    let l: Vec<Option<Series>> = (0..rows)
        .map(|_| {
            let values: Vec<i64> = (0..random.below(4)).map(|_| every(random, 9)).collect();
            random.maybe(Series::new("".into(), values))
        })
        .collect();
    let mut table = df!("n" => (0..rows as i64).collect::<Vec<_>>(), "i" => i, "k" => k, "f" => f, "g" => g, "s" => s, "t" => t, "b" => b).unwrap();
    let d = Series::new("d".into(), d).cast(&DataType::Date).unwrap();
    let at = Series::new("at".into(), at)
        .cast(&DataType::Datetime(TimeUnit::Microseconds, None))
        .unwrap();
    let list = DataType::List(Box::new(DataType::Int64));
    let l: Vec<AnyValue<'_>> =
        l.into_iter().map(|l| l.map_or(AnyValue::Null, AnyValue::List)).collect();
    let l = Series::from_any_values_and_dtype("l".into(), &l, &list, true).unwrap();
    for column in [d, at, l] {
        table.with_column(column.into_column()).unwrap();
    }
    table
}

/// One to eight partitions, some of them without rows.
pub fn cut(random: &mut Random, table: &DataFrame) -> Vec<DataFrame> {
    let count = 1 + random.below(8);
    let mut ends: Vec<usize> = (1..count).map(|_| random.below(table.height() + 1)).collect();
    ends.extend([0, table.height()]);
    ends.sort_unstable();
    ends.windows(2).map(|pair| table.slice(pair[0] as i64, pair[1] - pair[0])).collect()
}

/// The table as a frame that is cut somewhere.
pub fn framed(random: &mut Random, table: &DataFrame) -> Frame {
    Frame::from_partitions(cut(random, table))
}

/// What it is computed to by one thread; three give the same bits.
#[track_caller]
pub fn computed(frame: &Frame) -> Result<DataFrame, Error> {
    let one = frame.compute_on(&InThread);
    let three = frame.compute_on(&Threads::new(3));
    match (one, three) {
        (Ok(one), Ok(three)) => {
            assert_eq!(one.schema(), three.schema());
            assert!(one.equals_missing(&three), "by one thread {one:?}, by three {three:?}");
            assert_eq!(one.schema(), &frame.schema(), "what was said, and what came");
            Ok(one)
        }
        (Err(one), Err(three)) => {
            assert_eq!(one.kind(), three.kind(), "{one}; {three}");
            Err(one)
        }
        (one, three) => panic!("by one thread {one:?}, by three {three:?}"),
    }
}

/// Whether both are the same, floats about so.
pub fn differs(found: &DataFrame, expected: &DataFrame) -> Option<String> {
    if found.schema() != expected.schema() {
        return Some(format!("{:?}, and {:?} expected", found.schema(), expected.schema()));
    }
    if found.height() != expected.height() {
        return Some(format!("{found:?}, and {expected:?} expected"));
    }
    for (own, other) in found.columns().iter().zip(expected.columns()) {
        let (own, other) = (own.as_materialized_series(), other.as_materialized_series());
        let is_same = match own.dtype() {
            DataType::Float64 => {
                let (own, other) = (own.f64().unwrap(), other.f64().unwrap());
                own.iter().zip(other.iter()).all(|pair| match pair {
                    (Some(a), Some(b)) => {
                        a == b
                            || (a.is_nan() && b.is_nan())
                            || (a - b).abs() <= NEAR * (1.0 + a.abs().max(b.abs()))
                    }
                    (a, b) => a.is_none() && b.is_none(),
                })
            }
            _ => own.equals_missing(other),
        };
        if !is_same {
            return Some(format!("column `{}`: {found:?}, and {expected:?} expected", own.name()));
        }
    }
    None
}

#[track_caller]
pub fn assert_same(found: &DataFrame, expected: &DataFrame, what: &str) {
    if let Some(difference) = differs(found, expected) {
        panic!("{what}: {difference}");
    }
}

/// Over tables of up to `rows` rows, cut in many ways, a step is what is said of the whole.
#[track_caller]
pub fn check_rows(
    seeds: std::ops::Range<u64>,
    rows: usize,
    step: impl Fn(&Frame) -> Frame,
    expected: impl Fn(&DataFrame) -> DataFrame,
) {
    for seed in seeds {
        let random = &mut Random::new(seed);
        let height = if random.once_in(8) { random.below(3) } else { random.below(rows + 1) };
        let table = table(random, height);
        check_one(random, &table, &step, &expected, seed);
    }
}

/// [`check_rows`] with few seeds: what is done to rows.
#[track_caller]
pub fn check(step: impl Fn(&Frame) -> Frame, expected: impl Fn(&DataFrame) -> DataFrame) {
    check_rows(0..10, 60, step, expected);
}

#[track_caller]
fn check_one(
    random: &mut Random,
    table: &DataFrame,
    step: &impl Fn(&Frame) -> Frame,
    expected: &impl Fn(&DataFrame) -> DataFrame,
    seed: u64,
) {
    let frame = framed(random, table);
    let made = step(&frame);
    let told = |error: Error| panic!("seed {seed}: {error}");
    let found = computed(&made).unwrap_or_else(told);
    let expected = expected(table);
    assert_same(&found, &expected, &format!("seed {seed}, {} partitions", frame.partitions()));
    match random.below(3) {
        // One column alone.
        0 => {
            let name = names(&found).swap_remove(random.below(found.width()));
            let alone = made.select(&name).compute_on(&InThread).unwrap_or_else(told);
            let what = format!("seed {seed}: `{name}` alone");
            assert_same(&alone, &found.select([name.as_str()]).unwrap(), &what);
        }
        // Two readers of the same blocks.
        1 => {
            let twice = Frame::concat([&made, &made]).compute_on(&InThread).unwrap_or_else(told);
            assert_same(&twice, &found.vstack(&found).unwrap(), &format!("seed {seed}: twice"));
        }
        _ => {
            let count = random.below(found.height() + 2);
            let head = made.head(count).unwrap_or_else(told);
            assert_same(&head, &found.head(Some(count)), &format!("seed {seed}: head({count})"));
        }
    }
}

/// Rows of a table, by their numbers.
pub fn taken(table: &DataFrame, rows: &[usize]) -> DataFrame {
    let rows: Vec<u32> = rows.iter().map(|row| *row as u32).collect();
    table.take(&IdxCa::from_vec("".into(), rows)).unwrap()
}

/// Rows of which this is true.
pub fn kept(table: &DataFrame, keeps: impl Fn(usize) -> bool) -> DataFrame {
    let rows: Vec<usize> = (0..table.height()).filter(|row| keeps(*row)).collect();
    taken(table, &rows)
}

/// A column of these values.
pub fn column(name: &str, dtype: &DataType, values: &[Scalar]) -> Column {
    let values: Vec<AnyValue<'_>> = values.iter().map(Scalar::as_any_value).collect();
    Series::from_any_values_and_dtype(name.into(), &values, dtype, true).unwrap().into_column()
}

/// The values of a column of floats, or of integers as such.
pub fn floats(table: &DataFrame, name: &str) -> Vec<Option<f64>> {
    let column = table.column(name).unwrap().cast(&DataType::Float64).unwrap();
    column.f64().unwrap().iter().collect()
}

/// The ticks of a column of integers, dates or times.
pub fn ticks(table: &DataFrame, name: &str) -> Vec<Option<i64>> {
    let column = table.column(name).unwrap().to_physical_repr().cast(&DataType::Int64).unwrap();
    column.i64().unwrap().iter().collect()
}

/// With a column, which may replace one.
pub fn with(table: &DataFrame, column: impl IntoColumn) -> DataFrame {
    let mut table = table.clone();
    table.with_column(column.into_column()).unwrap();
    table
}

/// A column of floats.
pub fn float_column(name: &str, values: Vec<Option<f64>>) -> Column {
    Series::new(name.into(), values).into_column()
}

/// That a frame is refused, or fails when it is computed, with this kind and with these words in its message.
#[track_caller]
pub fn refused(frame: &Frame, kind: ErrorKind, words: &[&str]) {
    match frame.compute_on(&InThread) {
        Ok(table) => panic!("it is {table:?}, and an error with {words:?} expected"),
        Err(error) => is_error(&error, kind, words),
    }
}

/// [`refused`] before anything is computed.
#[track_caller]
pub fn refused_at_once(frame: &Frame, kind: ErrorKind, words: &[&str]) {
    match frame.check() {
        Ok(()) => panic!("nothing is wrong with it, and an error with {words:?} expected"),
        Err(error) => is_error(&error, kind, words),
    }
}

#[track_caller]
pub fn is_error(error: &Error, kind: ErrorKind, words: &[&str]) {
    let message = error.to_string();
    for word in words {
        assert!(message.contains(word), "{word:?} is not in: {message}");
    }
    assert_eq!(error.kind(), kind, "{message}");
}

/// A folder that is removed in the end.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Folder {
        // Relaxed: each gets a number of its own, and that is all.
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("taskweave-frame-it-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.0.join(name)
    }

    /// The names of what is in a folder inside, in order.
    pub fn names(&self, inside: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.join(inside)).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The first number of the column `x`, if there is one.
pub fn first_of(table: &DataFrame) -> Option<i32> {
    table.column("x").unwrap().i32().unwrap().iter().next().flatten()
}

/// The names of columns of a table.
pub fn names(table: &DataFrame) -> Vec<String> {
    table.get_column_names().into_iter().map(|name| name.to_string()).collect()
}

/// The names of columns of a table, but those.
pub fn but(table: &DataFrame, names: &[&str]) -> Vec<PlSmallStr> {
    table
        .get_column_names_owned()
        .into_iter()
        .filter(|name| !names.contains(&name.as_str()))
        .collect()
}
