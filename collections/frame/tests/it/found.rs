//! Programs that once went wrong.

use crate::support::{Folder, assert_same, computed};
use taskweave_frame::ErrorKind;
use taskweave_frame::prelude::*;

fn numbers() -> Frame {
    Frame::from_polars(df!("x" => [1, 2], "c" => [6, 7]).unwrap(), 2)
}

#[test]
fn aggregations_that_read_alike_are_not_taken_for_one() {
    let middle = numbers().agg([
        col("x").quantile(0.5).alias("near"),
        col("x").quantile_with(0.5, QuantileMethod::Linear).alias("between"),
    ]);
    assert_eq!(middle.compute().unwrap()["between"].f64().unwrap().get(0), Some(1.5));
    let among = numbers().agg([
        col("c").is_in([1, 2, 3, 4, 5, 6]).sum().alias("a"),
        col("c").is_in([1, 2, 3, 4, 5, 8]).sum().alias("b"),
    ]);
    assert_eq!(among.compute().unwrap(), df!("a" => [1_u32], "b" => [0_u32]).unwrap());
}

#[test]
fn bounds_beyond_the_type_of_the_column_lose_no_row() {
    let frame = Frame::from_polars(df!("t" => [1, 2, 3, 4]).unwrap(), 4).sorted_by("t");
    for (range, rows) in
        [(0..5_000_000_000_i64, 4), (-5_000_000_000..3, 2), (5_000_000_000..6_000_000_000, 0)]
    {
        assert_eq!(computed(&frame.loc(range)).unwrap().height(), rows);
    }
    let days = df!("t" => ["2013-01-01", "2013-01-02", "2013-01-03"]).unwrap();
    let days = Frame::from_polars(days, 3).cast([("t", DataType::Date)]).sorted_by("t");
    let noon = taskweave_frame::polars_core::scalar::Scalar::new(
        DataType::Datetime(TimeUnit::Microseconds, None),
        AnyValue::Datetime(15_707 * 86_400_000_000 + 43_200_000_000, TimeUnit::Microseconds, None),
    );
    // Noon of the second day: its midnight comes before.
    assert_eq!(days.loc(..noon.clone()).compute().unwrap().height(), 2);
    assert_eq!(days.loc(noon..).compute().unwrap().height(), 1);
}

#[test]
fn partitions_of_different_frames_have_the_same_columns() {
    let filtered =
        Frame::from_polars(df!("x" => [1, 2], "y" => [1, 2]).unwrap(), 1).filter(col("y").gt(0));
    let plain = Frame::from_polars(df!("x" => [3], "y" => [3]).unwrap(), 1);
    let both = Frame::concat([&filtered, &plain]);
    assert_eq!(both.sort("x").select("x").compute().unwrap(), df!("x" => [1, 2, 3]).unwrap());
    assert_eq!(both.repartition(1).agg([len()]).compute().unwrap(), df!("len" => [3_u32]).unwrap());
    assert_eq!(both.top_k(1, "y").select("x").compute().unwrap(), df!("x" => [3]).unwrap());
    let left =
        Frame::from_polars(df!("t" => [1, 2, 9], "a" => [1, 2, 3]).unwrap(), 3).sorted_by("t");
    let right = df!("t" => [1, 2], "b" => [5, 6], "c" => [7, 8]).unwrap();
    let right = Frame::from_polars(right, 2).sorted_by("t");
    let joined = left.join(&right, "t", JoinType::Left).sort("t").select(["t", "b"]);
    assert_eq!(
        joined.compute().unwrap(),
        df!("t" => [1, 2, 9], "b" => [Some(5), Some(6), None]).unwrap()
    );
}

#[test]
fn what_is_wrong_in_an_aggregation_is_told_of_its_line() {
    let folder = Folder::new();
    let path = folder.write("rows.csv", "s\nx\n");
    let frame = Frame::read_csv(&path);
    let error = frame.agg([col("s").cast(DataType::Int64).sum()]).compute().unwrap_err();
    let line = line!() - 1;
    assert!(error.to_string().contains(&format!("found.rs:{line}): agg:")), "{error}");
}

#[test]
fn many_columns_may_be_looked_at_for_nulls() {
    let columns: Vec<Column> =
        (0..600).map(|at| Column::new(format!("c{at}").into(), [Some(at), None])).collect();
    let frame = Frame::from_polars(DataFrame::new(2, columns).unwrap(), 1);
    assert_eq!(frame.drop_nulls(ALL).compute().unwrap().height(), 1);
}

#[test]
fn what_a_range_leaves_lies_within_it() {
    let frame = Frame::from_polars(df!("t" => [1, 2, 3, 4, 5, 6]).unwrap(), 3).sorted_by("t");
    let some = frame.loc(2..5).repartition_at([2, 5]);
    assert_eq!(some.compute().unwrap(), df!("t" => [2, 3, 4]).unwrap());
}

#[test]
fn row_groups_are_left_out_of_sorted_files_too() {
    let folder = Folder::new();
    let rows = df!("t" => (0..1000).collect::<Vec<i32>>()).unwrap();
    let target = folder.path("parquet");
    let options = taskweave_frame::ParquetWriteOptions::new().row_group_rows(100);
    Frame::from_polars(rows, 1).to_parquet_with(&target, options).unwrap();
    let some = Frame::read_parquet(&target).sorted_by("t").loc(250..260);
    assert!(
        some.explain().unwrap().contains("9 of 10 row groups left out"),
        "{}",
        some.explain().unwrap()
    );
    assert_eq!(some.compute().unwrap().height(), 10);
}

#[test]
fn a_look_at_graphs_takes_those_that_it_reads() {
    let part = |n: i64| {
        taskweave_runtime::Graph::build(move |graph| {
            graph.value(n).map(|n| df!("n" => [n]).unwrap())
        })
    };
    let frame = Frame::from_graphs(vec![part(1), part(2), part(3)], df!("n" => [0_i64]).unwrap());
    assert_eq!(frame.head(2).unwrap(), df!("n" => [1_i64, 2]).unwrap());
    assert_eq!(frame.tail(1).unwrap(), df!("n" => [3_i64]).unwrap());
}

#[test]
fn the_last_declaration_of_a_column_counts() {
    let folder = Folder::new();
    let path = folder.write("rows.csv", "x\n1\n");
    let options = CsvOptions::new().declare("x", DataType::Int8).declare("x", DataType::Float32);
    let frame = Frame::read_csv_with(&path, options);
    assert_eq!(frame.compute().unwrap(), df!("x" => [1.0_f32]).unwrap());
    let error = frame.repartition(usize::MAX).check().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Value);
}

#[test]
fn decimals_are_described() {
    let frame = Frame::from_polars(df!("m" => [1_i64, 3]).unwrap(), 2)
        .cast([("m", DataType::Decimal(10, 2))]);
    let summary = frame.describe().unwrap();
    assert_same(&summary.select(["m"]).unwrap().slice(2, 1), &df!("m" => [2.0]).unwrap(), "mean");
}
