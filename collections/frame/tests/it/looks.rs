//! A look at frames: their first rows, their last, what describes them.

use crate::support::{Random, assert_same, floats, framed, kept, table, ticks};
use taskweave_frame::prelude::*;

#[test]
fn the_first_and_the_last_rows_are_those_of_the_whole() {
    for seed in 0..10 {
        let random = &mut Random::new(seed);
        let rows = table(random, 30);
        let frame = framed(random, &rows);
        let i = ticks(&rows, "i");
        let some = kept(&rows, |row| i[row] > Some(0));
        let filtered = frame.filter(col("i").gt(0));
        for count in [0, 1, 2, 7, 29, 30, 100] {
            let what = format!("seed {seed}, {count}");
            assert_same(&frame.head(count).unwrap(), &rows.head(Some(count)), &what);
            assert_same(&frame.tail(count).unwrap(), &rows.tail(Some(count)), &what);
            assert_same(&filtered.head(count).unwrap(), &some.head(Some(count)), &what);
            assert_same(&filtered.tail(count).unwrap(), &some.tail(Some(count)), &what);
        }
    }
}

#[test]
fn each_column_is_described() {
    for seed in 0..5 {
        let random = &mut Random::new(seed);
        let rows = table(random, 40);
        let found = framed(random, &rows).describe().unwrap();
        let statistics: Vec<String> = found
            .column("statistic")
            .unwrap()
            .str()
            .unwrap()
            .iter()
            .flatten()
            .map(str::to_owned)
            .collect();
        assert_eq!(
            statistics,
            ["count", "null_count", "mean", "std", "min", "25%", "50%", "75%", "max"]
        );
        for name in ["n", "i", "k", "g"] {
            let own = rows.column(name).unwrap().as_materialized_series().clone();
            let value = |scalar: taskweave_frame::polars_core::scalar::Scalar| {
                scalar.as_any_value().try_extract::<f64>().unwrap()
            };
            let quarter = |q| {
                value(
                    own.cast(&DataType::Float64)
                        .unwrap()
                        .quantile_reduce(q, QuantileMethod::Linear)
                        .unwrap(),
                )
            };
            let expected = [
                (own.len() - own.null_count()) as f64,
                own.null_count() as f64,
                value(own.mean_reduce().unwrap()),
                value(own.cast(&DataType::Float64).unwrap().std_reduce(1).unwrap()),
                value(own.min_reduce().unwrap()),
                quarter(0.25),
                quarter(0.5),
                quarter(0.75),
                value(own.max_reduce().unwrap()),
            ];
            for (row, (found, expected)) in
                floats(&found, name).into_iter().zip(expected).enumerate()
            {
                let found = found.unwrap();
                assert!(
                    (found - expected).abs() < 1e-9 * (1.0 + expected.abs()),
                    "seed {seed}, {name}, {}: {found}, {expected}",
                    statistics[row]
                );
            }
        }
        let texts = found.column("s").unwrap().str().unwrap();
        let s = rows.column("s").unwrap();
        assert_eq!(texts.get(0), Some((s.len() - s.null_count()).to_string().as_str()));
        assert_eq!(texts.get(2), None);
        assert_eq!(texts.get(4), s.str().unwrap().iter().flatten().min());
        assert_eq!(texts.get(8), s.str().unwrap().iter().flatten().max());
    }
    // Nothing to describe, and no rows.
    let empty =
        Frame::from_polars(df!("x" => [1.0], "s" => ["a"]).unwrap().clear(), 1).describe().unwrap();
    assert_eq!(floats(&empty, "x")[..3], [Some(0.0), Some(0.0), None]);
}

#[test]
fn what_is_shown_says_columns_partitions_and_divisions() {
    let frame = Frame::from_polars(df!("time" => [1, 2, 3], "x" => ["a", "b", "c"]).unwrap(), 3);
    let shown = frame.sorted_by("time").to_string();
    for part in ["2 columns", "3 partitions", "time: 1 | 2 | 3 | 3", "time  i32", "x     str"] {
        assert!(shown.contains(part), "{part:?} is not in {shown}");
    }
    let wrong = frame.filter(col("tme").gt(1)).to_string();
    assert!(wrong.starts_with("no frame: ") && wrong.contains("did you mean `time`"), "{wrong}");
    assert!(frame.filter(col("tme").gt(1)).columns().is_empty());
}
