//! Expressions over blocks, against plain loops and direct calls of polars.
//!
//! In: random blocks with nulls, of all types. Here: the blocks, and what holds for every expression.

mod errors;
mod every;
mod loops;
mod text_and_time;
mod walks;

use super::*;
use polars_core::prelude::*;

/// Numbers that look random (xorshift64*, Vigna 2016).
pub(super) struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    pub fn below(&mut self, n: u64) -> u64 {
        (self.next() >> 11) % n
    }

    /// Null one time in six.
    pub fn maybe<T>(&mut self, value: impl FnOnce(&mut Random) -> T) -> Option<T> {
        if self.below(6) == 0 { None } else { Some(value(self)) }
    }
}

/// A block of random rows, of all types.
pub(super) fn block(rows: usize, seed: u64) -> DataFrame {
    let mut random = Random::new(seed);
    let mut column = |name: &str, dtype: DataType, value: &mut dyn FnMut(&mut Random) -> i64| {
        let values: Vec<_> = (0..rows).map(|_| random.maybe(&mut *value)).collect();
        Column::new(name.into(), values).strict_cast(&dtype).unwrap()
    };
    let micros = TimeUnit::Microseconds;
    let columns = vec![
        column("i8", DataType::Int8, &mut |r| r.below(256) as i64 - 128),
        column("i16", DataType::Int16, &mut |r| r.below(65536) as i64 - 32768),
        column("i32", DataType::Int32, &mut |r| r.next() as i32 as i64),
        column("i64", DataType::Int64, &mut |r| r.below(41) as i64 - 20),
        column("u8", DataType::UInt8, &mut |r| r.below(256) as i64),
        column("u32", DataType::UInt32, &mut |r| r.below(1 << 32) as i64),
        column("u64", DataType::UInt64, &mut |r| r.below(50) as i64),
        column("b", DataType::Boolean, &mut |r| r.below(2) as i64),
        column("c", DataType::Boolean, &mut |r| r.below(2) as i64),
        column("day", DataType::Date, &mut |r| r.below(40_000) as i64 - 10_000),
        column("time", DataType::Datetime(micros, None), &mut |r| {
            r.below(3 << 50) as i64 - (1 << 50)
        }),
        column("utc", DataType::Datetime(micros, Some(TimeZone::UTC)), &mut |r| {
            r.below(1 << 50) as i64
        }),
        column("length", DataType::Duration(micros), &mut |r| r.below(1 << 42) as i64 - (1 << 41)),
        column("clock", DataType::Time, &mut |r| r.below(86_400_000_000_000) as i64),
    ];
    let mut frame = DataFrame::new(rows, columns).unwrap();
    let float = |r: &mut Random| match r.below(12) {
        0 => f64::NAN,
        1 => f64::INFINITY,
        2 => -0.0,
        _ => (r.below(2001) as f64 - 1000.0) / 8.0,
    };
    let doubles: Vec<_> = (0..rows).map(|_| random.maybe(float)).collect();
    let singles: Vec<_> = (0..rows).map(|_| random.maybe(|r| float(r) as f32)).collect();
    let words = ["", "UA", "aa", " x ", "10", "-7", "Straße", "2013-02-01", "日本", "n/a"];
    let texts: Vec<_> = (0..rows).map(|_| random.maybe(|r| words[r.below(10) as usize])).collect();
    let numbers: Vec<_> = (0..rows).map(|_| random.maybe(|r| r.below(999).to_string())).collect();
    let category = Column::new("cat".into(), &texts);
    let categories = Categories::global();
    frame.with_column(Column::new("f64".into(), doubles)).unwrap();
    frame.with_column(Column::new("f32".into(), singles)).unwrap();
    frame.with_column(Column::new("s".into(), &texts)).unwrap();
    frame.with_column(Column::new("digits".into(), numbers)).unwrap();
    frame.with_column(category.cast(&DataType::from_categories(categories)).unwrap()).unwrap();
    frame
}

/// The values of an expression over a block.
pub(super) fn run(expr: impl Into<Expr>, frame: &DataFrame) -> Column {
    let expr = expr.into();
    expr.evaluate(frame).unwrap_or_else(|error| panic!("{expr}: {error}"))
}

/// What is said of an expression over a block.
pub(super) fn refusal(expr: impl Into<Expr>, frame: &DataFrame) -> String {
    let expr = expr.into();
    match expr.evaluate(frame) {
        Ok(column) => panic!("{expr} is {column:?}"),
        Err(error) => error.to_string(),
    }
}

impl Expr {
    /// Its column over a block of that schema without rows, as a frame asks for its type.
    fn check(&self, schema: &Schema) -> Result<Column, crate::Error> {
        self.evaluate(&DataFrame::empty_with_schema(schema))
    }
}
