//! Frames without rows, without columns, of types that are rare, and functions that fail in the midst of things.

use crate::support::{Folder, assert_same, computed, refused, refused_at_once};
use taskweave_frame::polars_core::prelude::{IntoColumn, NamedFrom};
use taskweave_frame::polars_core::scalar::Scalar;
use taskweave_frame::prelude::*;
use taskweave_frame::{Aggregation, Error, ErrorKind};

#[test]
fn frames_without_columns_have_rows_still() {
    let frame = Frame::from_polars(df!("x" => [1, 2, 3]).unwrap(), 2);
    let none = frame.drop("x");
    assert_eq!(computed(&none).unwrap().shape(), (3, 0));
    assert_eq!(computed(&none.agg([len()])).unwrap(), df!("len" => [3_u32]).unwrap());
    assert_eq!(
        computed(&none.with_columns([lit(1).alias("one")])).unwrap(),
        df!("one" => [1, 1, 1]).unwrap()
    );
    assert_eq!(
        computed(&frame.select([lit(1).alias("one")])).unwrap(),
        df!("one" => [1, 1, 1]).unwrap()
    );
    assert_eq!(computed(&frame.filter(col("x").gt(1)).drop("x")).unwrap().shape(), (2, 0));
    assert_eq!(computed(&Frame::concat([&none, &none])).unwrap().shape(), (6, 0));
    assert_eq!(computed(&none.repartition(1)).unwrap().shape(), (3, 0));
}

#[test]
fn frames_without_rows_have_their_types_still() {
    let rows = df!("k" => ["a"], "x" => [1.5], "n" => [1_i64]).unwrap();
    let frame = Frame::from_partitions([rows.clear(), rows.clear(), rows.clear()]);
    let made = [
        frame.filter(col("x").gt(1.0)),
        frame.group_by("k").agg([col("x").mean(), col("n").sum(), len()]),
        frame.sort("n"),
        frame.unique("k"),
        frame.value_counts("k"),
        frame.with_columns([col("x").rolling_mean(3).alias("r"), col("n").cum_sum().alias("c")]),
        frame.join(&frame, "k", JoinType::Left),
        frame.repartition(5),
        frame.sorted_by("n").loc(1..3),
        frame.unpivot("x", "k"),
        frame.shift(1),
        frame.backward_fill(None),
        frame.sorted_by("n").join(&frame.sorted_by("n"), "n", JoinType::Inner),
        frame
            .cast([("n", DataType::Datetime(TimeUnit::Milliseconds, None))])
            .resample("n", "1d")
            .mean(),
    ];
    for frame in made {
        assert_eq!(computed(&frame).unwrap().height(), 0, "{frame}");
    }
    assert_eq!(computed(&frame.sum()).unwrap(), df!("x" => [0.0], "n" => [0_i64]).unwrap());
    assert_same(
        &computed(&frame.mean()).unwrap(),
        &df!("x" => [None::<f64>], "n" => [None::<f64>]).unwrap(),
        "mean",
    );
    assert_eq!(frame.head(5).unwrap().height(), 0);
    assert_eq!(frame.tail(5).unwrap().height(), 0);
    assert_eq!(frame.describe().unwrap().height(), 9);
}

#[test]
fn small_numbers_and_lengths_of_time_are_grouped_and_added_up() {
    let unit = TimeUnit::Milliseconds;
    let mut rows =
        df!("k" => [1_i16, 2, 1, 1], "f" => [1.5_f32, 2.5, 3.5, 4.5], "u" => [250_u8, 250, 250, 1])
            .unwrap();
    let length =
        Series::new("length".into(), [1_i64, 2, 3, 4]).cast(&DataType::Duration(unit)).unwrap();
    rows.with_column(length.into_column()).unwrap();
    let frame = Frame::from_polars(rows, 3);
    let sums = computed(&frame.group_by("k").sum()).unwrap();
    assert_eq!(sums.column("f").unwrap().dtype(), &DataType::Float32);
    assert_eq!(sums.column("length").unwrap().dtype(), &DataType::Duration(unit));
    let sums = computed(&frame.group_by("k").sum().cast([
        ("f", DataType::Float64),
        ("u", DataType::Int64),
        ("length", DataType::Int64),
    ]))
    .unwrap();
    assert_eq!(
        sums,
        df!("k" => [1_i16, 2], "f" => [9.5, 2.5], "u" => [501_i64, 250], "length" => [8_i64, 2])
            .unwrap()
    );
    let means = computed(&frame.agg([col("length").mean(), col("f").mean()])).unwrap();
    assert_eq!(means.column("length").unwrap().dtype(), &DataType::Duration(unit));
    assert_eq!(means.column("f").unwrap().dtype(), &DataType::Float32);
}

#[test]
fn categories_are_keys() {
    let mut rows = df!("x" => [1_i64, 2, 3, 4]).unwrap();
    let categories =
        DataType::from_categories(taskweave_frame::polars_core::prelude::Categories::global());
    let k = Series::new("k".into(), ["b", "a", "b", "c"]).cast(&categories).unwrap();
    rows.with_column(k.into_column()).unwrap();
    let frame = Frame::from_polars(rows, 3);
    let sums = computed(&frame.group_by("k").sum()).unwrap();
    assert_eq!(sums.column("k").unwrap().dtype(), &categories);
    let sums = computed(&frame.group_by("k").sum().cast([("k", DataType::String)])).unwrap();
    assert_eq!(sums, df!("k" => ["b", "a", "c"], "x" => [4_i64, 2, 4]).unwrap());
    assert_eq!(
        computed(&frame.filter(col("k").eq("b")).select("x")).unwrap(),
        df!("x" => [1_i64, 3]).unwrap()
    );
    assert_eq!(
        computed(&frame.join(&frame.unique("k"), "k", JoinType::Inner)).unwrap().height(),
        4
    );
    assert_eq!(computed(&frame.unique("k")).unwrap().height(), 3);
    assert_eq!(computed(&frame.agg([col("k").n_unique()])).unwrap(), df!("k" => [3_u32]).unwrap());
    let sorted = frame.sort("k").sorted_by("k");
    assert_eq!(computed(&sorted).unwrap().height(), 4);
}

/// Fails, or panics, where it is told to.
struct Failing {
    at: &'static str,
    panics: bool,
}

impl Failing {
    fn fail(&self, here: &str) -> Result<(), Error> {
        match self.at == here {
            true if self.panics => panic!("panics in {here}"),
            // An error of one's own comes from polars.
            true => Ok(df!("x" => [1])?.column("fails").map(drop)?),
            false => Ok(()),
        }
    }
}

impl Aggregation for Failing {
    type State = i64;

    fn name(&self) -> &str {
        "failing"
    }

    fn output(&self, _: &DataType) -> Result<DataType, Error> {
        self.fail("output")?;
        Ok(DataType::Int64)
    }

    fn init(&self) -> i64 {
        0
    }

    fn update(&self, state: &mut i64, values: &Column) -> Result<(), Error> {
        *state += values.len() as i64;
        self.fail("update")
    }

    fn merge(&self, state: &mut i64, later: i64) -> Result<(), Error> {
        *state += later;
        self.fail("merge")
    }

    fn finish(&self, state: i64) -> Result<Scalar, Error> {
        self.fail("finish")?;
        Ok(Scalar::from(state))
    }
}

#[test]
fn aggregations_that_fail_are_errors_of_their_step() {
    let frame = Frame::from_polars(df!("k" => [1, 1, 1, 1], "x" => [1, 2, 3, 4]).unwrap(), 4);
    let of = |at, panics| frame.group_by("k").agg([col("x").agg_with(Failing { at, panics })]);
    assert_eq!(computed(&of("nowhere", false)).unwrap(), df!("k" => [1], "x" => [4_i64]).unwrap());
    for at in ["output", "update", "merge", "finish"] {
        refused(&of(at, false), ErrorKind::Column, &["agg", "fails", "corners.rs"]);
        refused(&of(at, true), ErrorKind::Task, &["agg", "panics in", at, "corners.rs"]);
    }
    refused_at_once(&of("output", false), ErrorKind::Column, &["fails"]);
}

#[test]
fn lists_that_do_not_fit_are_errors() {
    let list = |values: &[i64]| Series::new("".into(), values);
    let rows =
        df!("a" => [list(&[1, 2]), list(&[3])], "b" => [list(&[1, 2]), list(&[3, 4])]).unwrap();
    let frame = Frame::from_polars(rows, 2);
    refused(&frame.explode(["a", "b"]), ErrorKind::Shape, &["explode"]);
    let folder = Folder::new();
    let error = frame.to_csv(folder.path("csv")).unwrap_err();
    crate::support::is_error(&error, ErrorKind::Type, &["to_csv", "`a`"]);
    assert!(folder.names("").is_empty());
}

#[test]
fn gaps_that_are_too_long_are_told() {
    let rows = df!("at" => [0_i64, i64::MAX / 4], "x" => [1.0, 2.0]).unwrap();
    let frame = Frame::from_polars(rows, 2)
        .cast([("at", DataType::Datetime(TimeUnit::Milliseconds, None))]);
    refused(&frame.resample("at", "1s").mean(), ErrorKind::Value, &["1s", "`at`", "longer"]);
}

#[test]
fn ends_of_an_order_may_be_nan() {
    let frame = Frame::from_polars(df!("x" => [1.0, 2.0, 3.0, f64::NAN]).unwrap(), 2);
    // polars has NaN behind all numbers.
    if frame.sorted_by("x").check().is_ok() {
        let some = computed(&frame.sorted_by("x").loc(2.0..)).unwrap();
        assert_eq!(some.height(), 3);
        assert_eq!(computed(&frame.sorted_by("x").loc(..2.5)).unwrap().height(), 2);
    }
}
