//! What comparisons leave out of random columns, against polars' own comparisons of all rows.

use super::tests::{Folder, all, small};
use super::*;
use polars_core::prelude::*;

/// Rows, in row groups of a few.
const ROWS: usize = 64;
const GROUP: usize = 8;

/// Marsaglia's xorshift.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}

/// Values of a type: row groups of few different ones near each other, and some that are at the ends of the type, or null.
fn column(random: &mut Random, data_type: &DataType) -> Column {
    let mut values = Vec::with_capacity(ROWS);
    let mut near = 0;
    for row in 0..ROWS {
        if row % GROUP == 0 {
            near = random.below(200) as i64 - 60;
        }
        let value = near + random.below(4) as i64;
        values.push(match random.below(40) {
            0..4 => None,
            4 => Some(i64::MAX - value.abs()),
            5 => Some(i64::MIN + value.abs()),
            _ => Some(value),
        });
    }
    of(random, values, data_type)
}

fn of(random: &mut Random, values: Vec<Option<i64>>, data_type: &DataType) -> Column {
    let name = PlSmallStr::from_static("x");
    match data_type {
        DataType::String => {
            let text =
                |value: i64| "ab".repeat((value.unsigned_abs() % 40) as usize) + &value.to_string();
            let texts: Vec<_> = values.into_iter().map(|value| value.map(text)).collect();
            Column::new(name, texts)
        }
        DataType::Float32 | DataType::Float64 => {
            let mut float = |value: i64| match random.below(12) {
                0 => f64::NAN,
                1 => f64::INFINITY,
                2 => -0.0,
                3 => 0.0,
                4 => value as f64 + 0.1,
                _ => value as f64 / 2.0,
            };
            let values: Vec<_> = values.into_iter().map(|value| value.map(&mut float)).collect();
            Column::new(name, values).cast(data_type).unwrap()
        }
        DataType::Boolean => {
            let values: Vec<_> = values.into_iter().map(|value| value.map(|it| it > 40)).collect();
            Column::new(name, values)
        }
        DataType::Int64 => Column::new(name, values),
        // Years that polars can print.
        DataType::Datetime(_, _) => {
            let values: Vec<_> = values.into_iter().map(|it| it.map(|it| it % (1 << 40))).collect();
            Column::new(name, values).cast(data_type).unwrap()
        }
        // What does not fit is null.
        _ => Column::new(name, values).cast(&DataType::Int32).unwrap().cast(data_type).unwrap(),
    }
}

fn mask(operator: Operator, column: &Column, literal: &Column) -> PolarsResult<BooleanChunked> {
    match operator {
        Operator::Eq => column.equal(literal),
        Operator::NotEq => column.not_equal(literal),
        Operator::Lt => column.lt(literal),
        Operator::LtEq => column.lt_eq(literal),
        Operator::Gt => column.gt(literal),
        Operator::GtEq => column.gt_eq(literal),
        Operator::IsNull => Ok(column.is_null()),
        Operator::IsNotNull => Ok(column.is_not_null()),
    }
}

#[test]
fn no_row_that_polars_finds_is_left_out() {
    use DataType::*;
    use Operator::*;
    let moments = [TimeUnit::Milliseconds, TimeUnit::Microseconds, TimeUnit::Nanoseconds];
    let moments = moments.map(|unit| Datetime(unit, None));
    let plain = [
        Int8, Int16, Int32, Int64, UInt8, UInt16, UInt32, UInt64, Float32, Float64, Boolean,
        String, Date,
    ];
    let types: Vec<DataType> = plain.into_iter().chain(moments).collect();
    let seed = std::env::var("TASKWEAVE_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or(0x5eed_1234_u64);
    println!("TASKWEAVE_SEED={seed}");
    let mut random = Random(seed);
    let folder = Folder::new("random");
    let mut skipped = 0;
    for data_type in &types {
        let x = column(&mut random, data_type);
        let rows = DataFrame::new(ROWS, vec![x.clone()]).unwrap();
        let source =
            ParquetSource::open(&[folder.write("a.parquet", &rows, GROUP)], small()).unwrap();
        let filter = |frame: &DataFrame, operator, literal: &Column| {
            let mask = mask(operator, frame.column("x").unwrap(), literal);
            mask.and_then(|mask| frame.filter_seq(&mask))
        };
        for _ in 0..12 {
            // Mostly one of the column's own values, or one near it, or of another type.
            let near = x.get(random.below(ROWS as u64) as usize).unwrap().into_static();
            let other = &types[random.below(types.len() as u64) as usize];
            let value = random.below(200) as i64 - 60;
            let literal = match random.below(4) {
                0 => of(&mut random, vec![Some(value)], data_type),
                1 => of(&mut random, vec![Some(value)], other),
                _ => Column::new_scalar("x".into(), Scalar::new(data_type.clone(), near), 1),
            };
            for operator in [Eq, NotEq, Lt, LtEq, Gt, GtEq, IsNull, IsNotNull] {
                let Ok(expected) = filter(&rows, operator, &literal) else { continue };
                let value = literal.get(0).unwrap().into_static();
                let comparison = Comparison { column: "x".into(), operator, literal: value };
                let comparisons = [comparison];
                let mut read = all(&source, None, &comparisons).unwrap();
                if read.width() == 0 {
                    read = rows.clear();
                }
                let found = filter(&read, operator, &literal).unwrap();
                assert!(
                    found.equals_missing(&expected),
                    "{data_type:?} {operator:?} {literal:?}: {found} instead of {expected} of {rows}"
                );
                skipped += source.pruned(None, &comparisons).skipped;
            }
        }
    }
    assert!(skipped > 1_000, "{skipped}");
}
