//! Bad input, and what is said of it: the thing, the place, the remedy.

use crate::support::{Folder, is_error, refused, refused_at_once};
use taskweave_frame::ErrorKind::{
    Column, Expression, Format, Io, NotYet, Order, Overflow, Schema, Type, Value,
};
use taskweave_frame::prelude::*;

fn flights() -> Frame {
    let rows = df!(
        "carrier" => ["UA", "AA", "UA", "DL"],
        "dep_delay" => [Some(2.0), None, Some(-3.0), Some(40.0)],
        "distance" => [1_400_i64, 1_400, 500, 500],
        "day" => [1, 2, 3, 4],
    );
    Frame::from_polars(rows.unwrap(), 2)
}

#[test]
fn columns_that_are_not_there_name_the_nearest() {
    let words = ["`dep_dlay`", "did you mean `dep_delay`?", "refusals.rs"];
    refused_at_once(&flights().select("dep_dlay"), Column, &words);
    refused_at_once(&flights().filter(col("dep_dlay").gt(0)), Column, &words);
    refused_at_once(&flights().with_columns([col("dep_dlay") + 1]), Column, &words);
    refused_at_once(&flights().group_by("carrier").agg([col("dep_dlay").mean()]), Column, &words);
    refused_at_once(&flights().group_by("dep_dlay").len(), Column, &words);
    refused_at_once(&flights().sort("dep_dlay"), Column, &words);
    refused_at_once(&flights().sorted_by("dep_dlay"), Column, &words);
    refused_at_once(&flights().drop("dep_dlay"), Column, &words);
    refused_at_once(&flights().drop_nulls("dep_dlay"), Column, &words);
    refused_at_once(&flights().unique("dep_dlay"), Column, &words);
    refused_at_once(&flights().value_counts("dep_dlay"), Column, &words);
    refused_at_once(&flights().rename([("dep_dlay", "x")]), Column, &words);
    refused_at_once(&flights().cast([("dep_dlay", DataType::Int64)]), Column, &words);
    refused_at_once(&flights().explode("dep_dlay"), Column, &words);
    refused_at_once(&flights().unpivot("dep_dlay", "carrier"), Column, &words);
    refused_at_once(&flights().resample("dep_dlay", "1w").mean(), Column, &words);
    refused_at_once(&flights().with_columns([col("dep_dlay").rolling_mean(3)]), Column, &words);
    refused_at_once(&flights().join(&flights(), "dep_dlay", JoinType::Inner), Column, &words);
    let other = flights().rename([("dep_delay", "delay")]);
    refused_at_once(
        &flights().join(&other, "dep_delay", JoinType::Inner),
        Column,
        &["right side", "`dep_delay`"],
    );
    refused_at_once(&flights().select("seats"), Column, &["`seats`", "the columns are `carrier`"]);
    // The first mistake is told, whatever comes behind it.
    refused_at_once(&flights().select("dep_dlay").sort("nothing").sum(), Column, &words);
    let to =
        flights().select("dep_dlay").to_parquet(std::env::temp_dir().join("never")).unwrap_err();
    is_error(&to, Column, &words);
    is_error(&flights().select("dep_dlay").head(3).unwrap_err(), Column, &words);
    is_error(&flights().select("dep_dlay").describe().unwrap_err(), Column, &words);
    is_error(&flights().select("dep_dlay").persist().unwrap_err(), Column, &words);
    is_error(&flights().select("dep_dlay").explain().unwrap_err(), Column, &words);
}

#[test]
fn columns_are_there_once() {
    refused_at_once(&flights().select(["day", "day"]), Column, &["two columns", "`day`", "alias"]);
    refused_at_once(&flights().rename([("day", "carrier")]), Column, &["two columns", "`carrier`"]);
    refused_at_once(
        &flights().with_columns([col("day") + 1, col("day") * 2]),
        Column,
        &["two columns", "`day`"],
    );
    refused_at_once(
        &flights().agg([col("day").sum(), col("day").mean()]),
        Column,
        &["`day`", "alias"],
    );
    refused_at_once(
        &flights().group_by("day").agg([col("day").sum()]),
        Column,
        &["`day`", "alias"],
    );
    refused_at_once(&flights().group_by(["day", "day"]).len(), Column, &["`day`"]);
    refused_at_once(
        &flights().rename([("day", "count")]).value_counts("count"),
        Column,
        &["`count`"],
    );
    let clash = flights().with_columns([col("day").alias("day_right")]);
    refused_at_once(&clash.join(&flights(), "carrier", JoinType::Inner), Column, &["day_right"]);
}

#[test]
fn expressions_stand_where_they_have_a_meaning() {
    let mean = || col("dep_delay").mean();
    refused_at_once(
        &flights().filter(col("dep_delay").gt(mean())),
        Expression,
        &["col(\"dep_delay\").mean()", "a filter", "lit"],
    );
    refused_at_once(
        &flights().with_columns([(col("dep_delay") - mean()).alias("x")]),
        Expression,
        &["mean()", "lit"],
    );
    refused_at_once(
        &flights().filter(col("day").shift(1).gt(0)),
        Expression,
        &["shift(1)", "with_columns"],
    );
    refused_at_once(
        &flights().group_by("carrier").agg([col("day")]),
        Expression,
        &["col(\"day\")", "first()"],
    );
    refused_at_once(
        &flights().group_by("carrier").agg([col("day").shift(1)]),
        Expression,
        &["shift(1)"],
    );
    refused_at_once(
        &flights().group_by("carrier").agg([col("day") + mean()]),
        Expression,
        &["col(\"day\")", "mean()"],
    );
    refused_at_once(&flights().agg([mean().sum()]), Expression, &["mean()", "two calls of `agg`"]);
    refused_at_once(&flights().agg([lit(1)]), Expression, &["aggregates nothing"]);
    refused_at_once(&flights().group_by([col("day").sum()]).len(), Expression, &["sum()"]);
    refused_at_once(&flights().sort([col("day") + 1]), Expression, &["no name of a column"]);
    refused_at_once(&flights().filter(col("day")), Type, &["i32", "true or false", "gt(0)"]);
}

#[test]
fn types_have_to_go_together() {
    refused_at_once(&flights().filter(col("carrier").gt(3)), Type, &["col(\"carrier\")", "cast"]);
    refused_at_once(&flights().select([col("carrier") + 1]), Type, &["`+`", "cast"]);
    refused_at_once(&flights().agg([col("carrier").mean()]), Type, &["carrier", "mean"]);
    refused_at_once(&flights().agg([col("carrier").sum()]), Type, &["carrier", "sum"]);
    refused_at_once(&flights().select("carrier").sum(), Type, &["sum", "carrier: str"]);
    refused_at_once(&flights().explode("carrier"), Type, &["`carrier`", "lists"]);
    refused_at_once(&flights().select([col("carrier").rolling_mean(2)]), Type, &["carrier"]);
    refused_at_once(&flights().select([col("carrier").cum_sum()]), Type, &["carrier"]);
    refused_at_once(
        &flights().resample("carrier", "1w").mean(),
        Type,
        &["`carrier`", "to_datetime"],
    );
    let numbers = flights().cast([("day", DataType::Int64)]);
    refused_at_once(
        &flights().join(&numbers, "day", JoinType::Inner),
        Type,
        &["`day`", "i32", "i64", "cast"],
    );
    let texts = Frame::from_polars(df!("x" => ["1", "two", "3"]).unwrap(), 2);
    refused(&texts.cast([("x", DataType::Int64)]), Value, &["two", "Int64"]);
    let concat = Frame::concat([&flights(), &flights().drop("day")]);
    refused_at_once(&concat, Schema, &["frame 1", "frame 0", "day: i32"]);
}

#[test]
fn sums_that_their_type_cannot_hold_are_told() {
    let most = Frame::from_polars(df!("x" => [i64::MAX, 1, 2]).unwrap(), 3);
    refused(&most.sum(), Overflow, &["x", "sum"]);
    refused(&most.agg([col("x").sum().alias("total")]), Overflow, &["sum"]);
    let least = Frame::from_polars(df!("k" => [1, 1], "x" => [i64::MIN, -1]).unwrap(), 1);
    refused(&least.group_by("k").sum(), Overflow, &["sum"]);
    let small = Frame::from_polars(df!("x" => [100_i8, 100, 100]).unwrap(), 2);
    assert_eq!(small.sum().compute().unwrap(), df!("x" => [300_i64]).unwrap());
}

#[test]
fn values_have_to_make_sense() {
    refused_at_once(&flights().quantile(1.2), Value, &["1.2"]);
    refused_at_once(&flights().agg([col("day").quantile(-0.1)]), Value, &["-0.1"]);
    refused_at_once(&flights().repartition(0), Value, &["one partition"]);
    refused_at_once(&flights().rolling(0).mean(), Value, &["no rows", "1 at least"]);
    refused_at_once(
        &flights().with_columns([col("day").rolling_mean(RollingOptions::from(3).min_periods(4))]),
        Value,
        &["min_periods", "4", "3"],
    );
    let no_keys: [&str; 0] = [];
    refused_at_once(
        &flights().join(&flights(), no_keys, JoinType::Inner),
        Value,
        &["columns of both sides"],
    );
    let days = flights().cast([("day", DataType::Date)]);
    refused_at_once(&days.resample("day", "3 fortnights").mean(), Value, &["3 fortnights"]);
    refused_at_once(&days.resample("day", "0d").mean(), Value, &["0"]);
    refused_at_once(&days.resample("day", "1M").mean(), Value, &["1M"]);
    refused_at_once(&days.resample("day", "2h").mean(), Value, &["day"]);
}

#[test]
fn order_that_is_not_there_is_not_believed() {
    refused_at_once(
        &flights().with_columns([col("day").rolling_mean("3d")]),
        Order,
        &["rolling_mean", "3d", "sorted_by", "by("],
    );
    refused_at_once(&flights().rolling("3d").mean(), Order, &["sorted_by"]);
    refused_at_once(
        &flights().sorted_by("distance"),
        Order,
        &["`distance`", "partition", "sort(\"distance\")"],
    );
    refused_at_once(
        &flights().sorted_by("dep_delay"),
        Order,
        &["`dep_delay`", "nulls", "drop_nulls"],
    );
    refused_at_once(&flights().loc(1..3), Order, &["sorted_by"]);
    let sorted = flights().sorted_by("day");
    refused_at_once(&sorted.loc("a".."b"), Type, &["day"]);
    let times = df!("at" => [3_i64, 1, 2], "x" => [1.0, 2.0, 3.0]).unwrap();
    let times = Frame::from_polars(times, 1)
        .cast([("at", DataType::Datetime(TimeUnit::Milliseconds, None))]);
    let by = RollingOptions::from("1d").by("at");
    refused(&times.with_columns([col("x").rolling_sum(by.clone()).alias("y")]), Order, &["at"]);
    let times = df!("at" => [Some(1_i64), None, Some(2)], "x" => [1.0, 2.0, 3.0]).unwrap();
    let times = Frame::from_polars(times, 1)
        .cast([("at", DataType::Datetime(TimeUnit::Milliseconds, None))]);
    refused(&times.with_columns([col("x").rolling_sum(by).alias("y")]), Order, &["at"]);
    refused(&times.resample("at", "1d").mean(), Order, &["`at`", "null", "drop_nulls"]);
}

#[test]
fn disorder_between_partitions_is_seen() {
    let part = |at: [i64; 2]| df!("at" => at, "x" => [1.0, 2.0]).unwrap();
    let frame = Frame::from_partitions([part([5, 6]), part([1, 2])]);
    let frame = frame.cast([("at", DataType::Datetime(TimeUnit::Milliseconds, None))]);
    refused_at_once(&frame.sorted_by("at"), Order, &["partition 1"]);
    let by = RollingOptions::from("1d").by("at");
    refused(&frame.with_columns([col("x").rolling_sum(by).alias("y")]), Order, &["at"]);
}

#[test]
fn joins_that_are_not_there_yet_are_told() {
    refused_at_once(
        &flights().join(&flights(), "day", JoinType::Right),
        NotYet,
        &["RIGHT", "not there yet", "left join"],
    );
    refused_at_once(
        &flights().join(&flights(), "day", JoinType::Full),
        NotYet,
        &["FULL", "not there yet"],
    );
}

#[test]
fn files_that_are_not_there_are_told() {
    let folder = Folder::new();
    refused_at_once(&Frame::read_csv(folder.path("no-*.csv")), Io, &["no-*.csv", "refusals.rs"]);
    refused_at_once(&Frame::read_csv(folder.path("missing.csv")), Io, &["missing.csv"]);
    refused_at_once(&Frame::read_parquet(folder.path("no-*.parquet")), Io, &["no-*.parquet"]);
    refused_at_once(&Frame::read_parquet(folder.path("missing.parquet")), Io, &["missing.parquet"]);
    let none: [&str; 0] = [];
    refused_at_once(&Frame::read_csv(none), Value, &["CSV", "empty"]);
    refused_at_once(&Frame::read_parquet(none), Value, &["Parquet", "empty"]);
    std::fs::create_dir(folder.path("empty")).unwrap();
    refused_at_once(&Frame::read_parquet(folder.path("empty")), Io, &["empty"]);
    let file = folder.write("file", "");
    let under = flights().to_parquet(file.join("x")).unwrap_err();
    is_error(&under, Io, &["file"]);
}

#[test]
fn csv_files_that_differ_are_told_apart() {
    let folder = Folder::new();
    folder.write("1.csv", "a,b\n1,2\n");
    folder.write("2.csv", "a,c\n1,2\n");
    refused_at_once(&Frame::read_csv(folder.path("?.csv")), Schema, &["2.csv", "1.csv", "c"]);
    folder.write("empty.csv", "");
    refused_at_once(
        &Frame::read_csv(folder.path("empty.csv")),
        Format,
        &["empty.csv", "allow_empty"],
    );
    folder.write("twice.csv", "a,a\n1,2\n");
    refused_at_once(&Frame::read_csv(folder.path("twice.csv")), Schema, &["twice.csv", "`a`"]);
}

#[test]
fn values_that_are_not_of_their_columns_type_say_where_they_are() {
    let folder = Folder::new();
    let text = format!("a,b\n{}oh,2\n", "1,2\n".repeat(5_000));
    let path = folder.write("late.csv", text);
    let frame = Frame::read_csv(&path);
    for frame in [frame.clone(), frame.select("a"), frame.sum(), frame.filter(col("a").gt(3))] {
        refused(&frame, Format, &["late.csv", "5002", "`a`", "oh", "declare"]);
    }
    // Where it is not asked for, it is not read.
    assert_eq!(frame.select("b").sum().compute().unwrap(), df!("b" => [10_002_i64]).unwrap());
    let ragged = folder.write("ragged.csv", "a,b\n1,2\n1,2,3\n");
    refused(&Frame::read_csv(&ragged), Format, &["ragged.csv", "3"]);
    let open = folder.write("open.csv", "a,b\n1,\"2\n1,2\n");
    refused(&Frame::read_csv(&open), Format, &["open.csv", "never closed"]);
    let declared = CsvOptions::new().declare("b", DataType::Int8);
    let wide = folder.write("wide.csv", "a,b\n1,2\n1,300\n");
    refused(&Frame::read_csv_with(&wide, declared), Value, &["300", "b"]);
    refused_at_once(
        &Frame::read_csv_with(&wide, CsvOptions::new().declare("c", DataType::Int8)),
        Column,
        &["`c`"],
    );
    let lists = CsvOptions::new().declare("a", DataType::List(Box::new(DataType::Int64)));
    refused_at_once(&Frame::read_csv_with(&wide, lists), Type, &["`a`", "String"]);
}

#[test]
fn very_many_columns_are_columns_like_others() {
    let folder = Folder::new();
    let names: Vec<String> = (0..10_000).map(|at| format!("c{at}")).collect();
    let values = vec!["1"; 10_000].join(",");
    let path = folder.write("wide.csv", format!("{}\n{values}\n{values}\n", names.join(",")));
    let frame = Frame::read_csv(path);
    assert_eq!(frame.columns().len(), 10_000);
    assert_eq!(
        frame.select(["c9999", "c0"]).sum().compute().unwrap(),
        df!("c9999" => [2_i64], "c0" => [2_i64]).unwrap()
    );
    assert_eq!(frame.filter(col("c5000").eq(1)).compute().unwrap().shape(), (2, 10_000));
    refused_at_once(&frame.select("c10000"), Column, &["`c10000`", "10000 in all"]);
    assert!(frame.to_string().len() < 1_000_000);
}

#[test]
fn parquet_files_that_differ_are_told_apart() {
    let folder = Folder::new();
    let write = |frame: DataFrame, name: &str| {
        Frame::from_polars(frame, 1).to_parquet(folder.path(name)).unwrap()
    };
    write(df!("a" => [1_i64], "b" => ["x"]).unwrap(), "1");
    write(df!("a" => [1_i32], "b" => ["x"]).unwrap(), "2");
    write(df!("a" => [1_i64]).unwrap(), "3");
    let file = |name: &str| folder.path(name).join("part-00000.parquet");
    let read = |names: [&str; 2]| Frame::read_parquet(names.map(file));
    refused_at_once(
        &read(["1", "2"]),
        Schema,
        &["`a`", "Int32", "Int64", "2/part-00000.parquet", "1/part-00000.parquet"],
    );
    refused_at_once(&read(["1", "3"]), Schema, &["`b`", "3/part-00000.parquet"]);
    refused_at_once(&read(["3", "1"]), Schema, &["`b`", "1/part-00000.parquet"]);
}

#[test]
fn damaged_parquet_files_are_told_and_never_a_panic() {
    let folder = Folder::new();
    let rows = df!("a" => (0..200_i64).collect::<Vec<_>>(), "b" => (0..200).map(|at| format!("text {at}")).collect::<Vec<_>>());
    Frame::from_polars(rows.unwrap(), 1).to_parquet(folder.path("whole")).unwrap();
    let bytes = std::fs::read(folder.path("whole").join("part-00000.parquet")).unwrap();
    let cut = folder.write("cut.parquet", &bytes[..bytes.len() / 2]);
    refused_at_once(&Frame::read_parquet(cut), Format, &["cut.parquet"]);
    refused_at_once(
        &Frame::read_parquet(folder.write("text.parquet", "a,b\n1,2\n")),
        Format,
        &["text.parquet"],
    );
    refused_at_once(
        &Frame::read_parquet(folder.write("none.parquet", "")),
        Format,
        &["none.parquet"],
    );
    // A byte here or there: an error, or other values, but never a panic.
    for at in (4..bytes.len()).step_by(7) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0xff;
        let path = folder.write("damaged.parquet", &damaged);
        if let Err(error) = Frame::read_parquet(path).compute() {
            let message = error.to_string();
            assert!(message.contains("damaged.parquet"), "byte {at}: {message}");
            assert_ne!(error.kind(), taskweave_frame::ErrorKind::Task, "byte {at}: {message}");
        }
    }
}

#[test]
fn time_zones_do_not_mix_in_silence() {
    let unit = TimeUnit::Milliseconds;
    let rows = df!("a" => [1_i64, 2], "b" => [1_i64, 2]).unwrap();
    let zoned = |zone: &'static str| DataType::Datetime(unit, Some(zone_of(zone)));
    let frame =
        Frame::from_polars(rows, 1).cast([("a", zoned("UTC")), ("b", zoned("Europe/Berlin"))]);
    refused_at_once(&frame.select([col("a") - col("b")]), Type, &["time zone"]);
    refused_at_once(&frame.filter(col("a").lt(col("b"))), Type, &["UTC", "Europe/Berlin"]);
    let other = frame.select([col("b").alias("a")]);
    refused_at_once(
        &Frame::concat([&frame.select("a"), &other]),
        Schema,
        &["UTC", "Europe/Berlin"],
    );
    refused_at_once(
        &frame.join(&other, "a", JoinType::Inner),
        Type,
        &["`a`", "UTC", "Europe/Berlin"],
    );
}

fn zone_of(name: &'static str) -> TimeZone {
    TimeZone::opt_try_new(Some(name)).unwrap().unwrap()
}
