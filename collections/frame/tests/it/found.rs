//! Programs that once went wrong.

use crate::support::{Folder, assert_same, computed, is_error, refused};
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

/// A hundred days in ten row groups, with a time zone or none.
fn days(folder: &Folder, dtype: DataType) -> Frame {
    let target = folder.path(format!("days-{dtype}").replace(['[', ']', ' ', '/'], "-"));
    let rows = df!("t" => (0..100).map(|day| 15_706 + day).collect::<Vec<i32>>()).unwrap();
    let options = taskweave_frame::ParquetWriteOptions::new().row_group_rows(10);
    let rows = Frame::from_polars(rows, 1).cast([("t", DataType::Date)]);
    rows.cast([("t", dtype)]).to_parquet_with(&target, options).unwrap();
    Frame::read_parquet(&target)
}

#[test]
fn row_groups_are_left_out_by_dates_as_they_are_written() {
    let folder = Folder::new();
    let check = |frame: &Frame, condition: Expr, out: &str, left: usize| {
        let some = frame.filter(condition);
        let text = some.explain().unwrap();
        assert!(text.contains(out), "{out} is not in {text}");
        assert_eq!(some.compute().unwrap().height(), left);
    };
    let day = || lit("2013-01-06").cast(DataType::Date);
    let dates = days(&folder, DataType::Date);
    check(&dates, col("t").lt(day()), "9 of 10 row groups", 5);
    check(&dates, day().gt(col("t")), "9 of 10 row groups", 5);
    check(&dates, col("t").eq(lit("2013-01-06").str().to_date("%Y-%m-%d")), "9 of 10", 1);
    let millis = DataType::Datetime(TimeUnit::Milliseconds, None);
    let times = days(&folder, millis.clone());
    check(&times, col("t").lt(lit("2013-01-06").cast(millis)), "9 of 10 row groups", 5);
    // What cannot be said beforehand is said by polars.
    let none = dates.filter(col("t").lt(lit("no date").cast(DataType::Date)));
    assert!(none.compute().is_err());
}

#[test]
fn rows_that_repeat_themselves_are_cut_by_what_they_take_in_memory() {
    let folder = Folder::new();
    let target = folder.path("same");
    let rows = df!("a" => vec![1_i64; 1 << 20], "b" => vec![2_i64; 1 << 20]).unwrap();
    let options = taskweave_frame::ParquetWriteOptions::new().row_group_rows(1 << 18);
    Frame::from_polars(rows, 1).to_parquet_with(&target, options).unwrap();
    // 16 MiB in memory, next to nothing in the file.
    assert_eq!(Frame::read_parquet(&target).partitions(), 1);
    let options = taskweave_frame::ParquetOptions::new().partition_bytes(1 << 19);
    assert_eq!(Frame::read_parquet_with(&target, options).partitions(), 2);
}

#[test]
fn names_of_files_are_refused_for_folders() {
    let folder = Folder::new();
    let frame = Frame::from_polars(df!("x" => [1]).unwrap(), 1);
    let parquet = frame.to_parquet(folder.path("x.parquet")).unwrap_err();
    is_error(&parquet, ErrorKind::Value, &["x.parquet", "to_parquet_file", "leave out"]);
    let csv = frame.to_csv(folder.path("x.CSV")).unwrap_err();
    is_error(&csv, ErrorKind::Value, &["x.CSV", "to_csv_file"]);
    let hive = frame.to_parquet_hive(folder.path("x.parquet"), "x").unwrap_err();
    is_error(&hive, ErrorKind::Value, &["x.parquet"]);
    assert!(folder.names(".").is_empty());
    frame.to_csv(folder.path("x.parquet")).unwrap();
}

#[test]
fn messages_say_what_made_a_column_of_numbers_text() {
    let folder = Folder::new();
    let path = folder.write("rows.csv", "x,t\n1,2013-01-01T10:00:00Z\nNA,2013-01-02T10:00:00Z\n");
    let frame = Frame::read_csv(&path);
    refused(&frame.agg([col("x").mean()]), ErrorKind::Type, &["`null_values`", "mean()"]);
    let cast = frame.cast([("x", DataType::Float64)]);
    refused(&cast, ErrorKind::Value, &["\"NA\"", "`null_values`", "`cast_or_null`"]);
    refused(&frame.select([col("t").dt().year()]), ErrorKind::Type, &["str().to_datetime(format)"]);
    let unnamed = frame.group_by("t").agg([col("x") + 1]);
    refused(&unnamed, ErrorKind::Expression, &["(col(\"x\") + 1).mean()"]);
    refused(&frame.sort(-col("x")), ErrorKind::Expression, &["with_columns"]);
}

#[test]
fn samples_within_quoted_texts_say_nothing_of_types() {
    let folder = Folder::new();
    let ids: Vec<i64> = (0..60_000).map(|at| (1 << 53) + 1 + 2 * at).collect();
    let mut one = "text,id\n".to_owned();
    let mut other = "id,address\n".to_owned();
    for id in &ids {
        one += &format!("\"size,2.5\nweight,3.5\n\",{id}\n");
        other += &format!("{id},\"{id} Main St\nSpringfield, IL 62701\"\n");
    }
    for (name, text) in [("one.csv", one), ("other.csv", other)] {
        let frame = Frame::read_csv(folder.write(name, text));
        assert_eq!(frame.schema().get("id"), Some(&DataType::Int64), "{name}");
        let last = frame.agg([col("id").max()]).compute().unwrap();
        assert_eq!(last, df!("id" => [ids[59_999]]).unwrap());
    }
    // Where all texts are quoted, places further on are looked at as before.
    let quoted = |at: i64| format!("\"UA\",{}\n", if at < 50_000 { "1" } else { "1.5" });
    let text: String = (0..150_000).map(quoted).collect();
    let frame = Frame::read_csv(folder.write("quoted.csv", format!("\"c\",\"x\"\n{text}")));
    assert_eq!(frame.schema().get("x"), Some(&DataType::Float64));
}

#[test]
fn frames_that_have_no_rows_have_them_between_any_borders() {
    let frame = Frame::from_polars(df!("t" => [1, 2, 3]).unwrap(), 2);
    let none = frame.filter(col("t").gt(9)).sorted_by("t").repartition_at([0, 10]);
    assert_eq!(none.compute().unwrap().height(), 0);
}

#[test]
fn times_of_day_keep_their_fractions_in_names_of_folders() {
    let folder = Folder::new();
    let times = [0_i64, 1, 500_000_000, 500_000_001];
    let keys = Column::new("k".into(), times).cast(&DataType::Time).unwrap();
    let rows = DataFrame::new(4, vec![Column::new("v".into(), [0, 1, 2, 3]), keys]).unwrap();
    Frame::from_polars(rows, 2).to_parquet_hive(folder.path("hive"), "k").unwrap();
    let back = Frame::read_parquet(folder.path("hive")).unique("k");
    assert_eq!(back.compute().unwrap().height(), 4);
}

#[test]
fn nanoseconds_are_not_lost_by_declaring_them() {
    let folder = Folder::new();
    let path = folder.write("rows.csv", "t\n2013-01-01T00:00:00.123456789\n");
    let nanos = DataType::Datetime(TimeUnit::Nanoseconds, None);
    let declared = CsvOptions::new().declare("t", nanos.clone());
    refused(&Frame::read_csv_with(&path, declared), ErrorKind::Type, &["`t`", "microseconds"]);
    let cast = Frame::read_csv_with(&path, CsvOptions::new().declare("t", DataType::String));
    let cast = cast.select([col("t").cast(nanos).cast(DataType::Int64)]).compute().unwrap();
    assert_eq!(cast, df!("t" => [1_356_998_400_123_456_789_i64]).unwrap());
}

#[test]
fn covariances_of_large_numbers_are_those_of_their_deviations() {
    let values: Vec<i64> = (0..5000).map(|at| 1_000_000_000_000_000 + at * 7 % 10).collect();
    let small: Vec<f64> = values.iter().map(|value| (value % 10) as f64).collect();
    let mean = small.iter().sum::<f64>() / 5000.0;
    let expected = small.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / 4999.0;
    let rows = df!("big" => &values, "small" => &small).unwrap();
    for partitions in [1, 13, 100] {
        let frame = Frame::from_polars(rows.clone(), partitions);
        let found = frame.cov(1).compute().unwrap();
        for name in ["big", "small"] {
            let one = found.column(name).unwrap().f64().unwrap().get(0).unwrap();
            assert!((one - expected).abs() < 1e-9 * expected, "{one} is not {expected}");
        }
        let corr = frame.corr().compute().unwrap();
        let one = corr.column("big").unwrap().f64().unwrap().get(1).unwrap();
        assert!((one - 1.0).abs() < 1e-9, "{one} is not 1");
    }
}

#[test]
fn files_that_nobody_could_read_are_not_written() {
    let folder = Folder::new();
    let frame = Frame::from_polars(df!("x" => [1.5], "s" => ["a"]).unwrap(), 1);
    let check = |options: taskweave_frame::CsvWriteOptions, words: &str| {
        let error = frame.to_csv_with(folder.path("csv"), options).unwrap_err();
        is_error(&error, ErrorKind::Value, &[words]);
    };
    let options = taskweave_frame::CsvWriteOptions::new;
    for separator in [b'.', b'-', b':', b'1', b'e'] {
        check(options().separator(separator), "cannot be the separator");
    }
    for text in ["a,b", "\n", "\""] {
        check(options().null_value(text), "stands for null");
    }
    for text in ["", "|", "x,"] {
        check(options().line_terminator(text), "LF, CRLF or CR");
    }
    check(options().datetime_format("%b %d, %Y"), "%b %d, %Y");
    check(options().date_format("%d,%m"), "%d,%m");
    check(options().separator(b'/').date_format("%D"), "%D");
    check(options().datetime_format("%F%n%T"), "%F%n%T");
    check(options().separator(b' ').datetime_format("%c"), "%c");
    frame.to_csv_with(folder.path("csv"), options().separator(b';').date_format("%d,%m")).unwrap();
}

#[test]
fn expressions_that_double_are_refused_before_they_are_large() {
    let doubled = (0..40).fold(col("x"), |expr, _| expr.clone() * (lit(1) - expr));
    refused(&numbers().select([doubled]), ErrorKind::Expression, &["in one"]);
}

#[test]
fn many_columns_are_replaced_at_once() {
    let columns: Vec<Column> =
        (0..2000).map(|at| Column::new(format!("c{at}").into(), [at, at])).collect();
    let frame = Frame::from_polars(DataFrame::new(2, columns).unwrap(), 2);
    let new: Vec<Expr> = (1000..3000).map(|at| lit(at).alias(format!("c{at}"))).collect();
    let found = frame.with_columns(new).compute().unwrap();
    assert_eq!((found.width(), found.get_column_names()[2999].as_str()), (3000, "c2999"));
    let row = found.get(1).unwrap();
    assert_eq!((&row[999], &row[1000]), (&AnyValue::Int32(999), &AnyValue::Int32(1000)));
}

#[test]
fn decimals_and_long_integers_are_keys_of_joins_and_folders() {
    let folder = Folder::new();
    let rows = df!("a" => ["1.50", "2.25", "1.50"], "b" => [1, 2, 3]).unwrap();
    for (name, dtype) in [("decimal", DataType::Decimal(10, 2)), ("long", DataType::Int128)] {
        let left = Frame::from_polars(rows.clone(), 2);
        let left = match name {
            "long" => left.with_columns([(col("b") % 2).alias("a")]).cast([("a", dtype)]),
            _ => left.cast([("a", dtype)]),
        };
        for (how, height) in
            [(JoinType::Inner, 5), (JoinType::Left, 5), (JoinType::Semi, 3), (JoinType::Anti, 0)]
        {
            let joined = left.join(&left, "a", how.clone()).compute().unwrap();
            assert_eq!(joined.height(), height, "{name} {how}");
        }
        left.to_parquet_hive(folder.path(name), "a").unwrap();
        let back = Frame::read_parquet(folder.path(name));
        assert_eq!(back.compute().unwrap().height(), 3);
        assert_eq!(folder.names(name).len(), 2);
    }
}

#[test]
fn frames_that_are_put_together_one_by_one_are_put_together_once() {
    let one = |n: i64| Frame::from_polars(df!("n" => [n], "m" => [n]).unwrap(), 1);
    let other = |n: i64| one(n).select(["m", "n"]);
    let all = (1..1000).fold(one(0), |all, n| Frame::concat([&all, &other(n)]));
    // One for each frame, and one for each partition of all.
    assert!(all.plan(1).unwrap().tasks() <= 2001);
    let sum = all.sum().compute().unwrap();
    assert_eq!(sum, df!("n" => [499_500_i64], "m" => [499_500_i64]).unwrap());
}

#[test]
fn single_files_are_written_otherwise_too() {
    let folder = Folder::new();
    let frame = Frame::from_polars(df!("x" => [Some(1), None, Some(3)]).unwrap(), 2);
    let csv = taskweave_frame::CsvWriteOptions::new().has_header(false).null_value("NA");
    frame.to_csv_file_with(folder.path("x.csv"), csv).unwrap();
    assert_eq!(std::fs::read_to_string(folder.path("x.csv")).unwrap(), "1\nNA\n3\n");
    let parquet = taskweave_frame::ParquetWriteOptions::new().row_group_rows(1);
    frame.to_parquet_file_with(folder.path("x.parquet"), parquet).unwrap();
    let back = Frame::read_parquet(folder.path("x.parquet")).filter(col("x").gt(2));
    assert!(back.explain().unwrap().contains("2 of 3 row groups"), "{}", back.explain().unwrap());
}

#[test]
fn nulls_are_counted_and_frames_kept_by_any_scheduler() {
    let frame = Frame::from_polars(df!("x" => [Some(1), None, Some(3)]).unwrap(), 2);
    assert_eq!(frame.agg(col("x").null_count()).compute().unwrap(), df!("x" => [1_u32]).unwrap());
    let kept = frame.persist_on(&taskweave_runtime::InThread).unwrap();
    assert_eq!(kept.compute().unwrap(), frame.compute().unwrap());
}

#[test]
fn messages_say_what_is_meant_by_what_was_written() {
    let folder = Folder::new();
    let frame = Frame::from_polars(df!("dep_delay" => [1_i64], "x" => [2]).unwrap(), 1);
    refused(&frame.select("delay"), ErrorKind::Column, &["did you mean `dep_delay`?"]);
    let lasting = frame.with_columns([col("x").cast(DataType::Duration(TimeUnit::Microseconds))]);
    let error = lasting.to_csv(folder.path("csv")).unwrap_err();
    is_error(&error, ErrorKind::Type, &["`x`", "dt().total_seconds()"]);
    refused(&Frame::read_csv("https://a.b/c.csv"), ErrorKind::Io, &["is an address"]);
    refused(&Frame::read_parquet("~/c.parquet"), ErrorKind::Io, &["whole path"]);
}

#[test]
fn integers_of_128_bits_are_read_where_they_are_declared() {
    let folder = Folder::new();
    let path = folder.write("long.csv", "id\n170141183460469231731687303715884105727\n1\n");
    let long = Frame::read_csv_with(&path, CsvOptions::new().declare("id", DataType::Int128));
    let less = long.with_columns([col("id") - 1]).compute().unwrap();
    assert_eq!(less.column("id").unwrap().get(0).unwrap(), AnyValue::Int128(i128::MAX - 1));
}

#[test]
fn an_empty_list_of_columns_is_not_all_of_them() {
    let frame = Frame::from_polars(df!("x" => [Some(1), None]).unwrap(), 2);
    assert_eq!(frame.drop_nulls([""; 0]).compute().unwrap().height(), 2);
    assert_eq!(frame.unique([""; 0]).compute().unwrap().height(), 1);
    assert_eq!(frame.drop_nulls(ALL).compute().unwrap().height(), 1);
}

#[test]
fn rows_that_do_not_count_change_no_covariance() {
    let far = df!("a" => [1e17, 1.0, 2.0, 3.0], "b" => [None, Some(1.0), Some(2.0), Some(3.0)]);
    let whole = df!("a" => [1_000_000_000_000_000_000_i64, 1, 2, 3], "b" => [None, Some(1), Some(2), Some(3)]);
    for rows in [far, whole] {
        let frame = Frame::from_polars(rows.unwrap(), 1);
        let found = frame.cov(1).compute().unwrap();
        assert_eq!(found.column("b").unwrap().f64().unwrap().get(0), Some(1.0));
        let found = frame.corr().compute().unwrap();
        assert_eq!(found.column("b").unwrap().f64().unwrap().get(0), Some(1.0));
    }
    let long = df!("a" => [i128::MAX, -1]).unwrap();
    assert!(Frame::from_polars(long, 1).cov(1).compute().is_ok());
}

#[test]
fn a_value_far_away_changes_no_later_window() {
    let rows = df!("x" => [1_000_000_000_000_000_000_i64, 1, 2, 3]).unwrap();
    let found = Frame::from_polars(rows, 1).select([col("x").rolling_var(3)]).compute().unwrap();
    assert_eq!(found.column("x").unwrap().f64().unwrap().get(3), Some(1.0));
}

#[test]
fn row_groups_are_not_left_out_where_signed_and_unsigned_meet_as_floats() {
    let folder = Folder::new();
    let rows = df!("u" => [9_007_199_254_740_993_u64]).unwrap();
    let memory = Frame::from_polars(rows, 1);
    memory.to_parquet(folder.path("u")).unwrap();
    let condition = col("u").eq(lit(9_007_199_254_740_992_i64).cast(DataType::Int64));
    let found = Frame::read_parquet(folder.path("u")).filter(condition.clone()).compute().unwrap();
    assert_eq!(found, memory.filter(condition).compute().unwrap());
}

#[test]
fn what_a_clock_shows_twice_is_found_the_first_time() {
    let zone = TimeZone::opt_try_new(Some("America/New_York")).unwrap();
    let micros = DataType::Datetime(TimeUnit::Microseconds, zone);
    // Half hours from 2013-11-03 04:00 in UTC, midnight in New York.
    let ticks: Vec<i64> = (0..8).map(|at| (1_383_451_200 + at * 1800) * 1_000_000).collect();
    let rows = df!("t" => ticks).unwrap();
    let frame = Frame::from_polars(rows, 1).cast([("t", micros)]).sorted_by("t");
    let count = |frame: Frame| frame.agg(len()).compute().unwrap();
    let half = "2013-11-03 01:30";
    assert_eq!(count(frame.loc(half..=half)), df!("len" => [1_u32]).unwrap());
    assert_eq!(
        count(frame.loc("2013-11-03 01:59"..="2013-11-03 01:59")),
        df!("len" => [0_u32]).unwrap()
    );
    assert_eq!(count(frame.loc("2013-11-03"..="2013-11-03")), df!("len" => [8_u32]).unwrap());
}

#[test]
fn samples_know_quotes_in_the_midst_of_texts_and_empty_texts() {
    let folder = Folder::new();
    for (name, text) in [("pipes", "5\" pipe"), ("empty", "\"\"")] {
        let row = |at: i64| format!("{},{text},{at}\n", if at < 50_000 { "1" } else { "1.5" });
        let rows: String = (0..150_000).map(row).collect();
        let frame = Frame::read_csv(folder.write(name, format!("x,text,n\n{rows}")));
        assert_eq!(frame.schema().get("x"), Some(&DataType::Float64), "{name}");
    }
}
