//! Clocks of time zones: days on which they are set, against what pandas says of them, and zones that do not mix.
//!
//! In: `pandas_clocks.csv`, of `make_time.py`, and texts with offsets. Out: the same instants, whatever the partitions are.

use crate::support::{Folder, computed, floats, refused, refused_at_once, ticks};
use std::collections::BTreeMap;
use taskweave_frame::ErrorKind::{Schema, Type, Value};
use taskweave_frame::polars_core::prelude::{IntoColumn, NamedFrom};
use taskweave_frame::prelude::*;

const MICROSECONDS: TimeUnit = TimeUnit::Microseconds;

fn zoned(zone: &str) -> DataType {
    DataType::Datetime(MICROSECONDS, TimeZone::opt_try_new(Some(zone.to_owned())).unwrap())
}

/// A frame of these times and values, in so many partitions.
fn frame_of(at: &[i64], x: &[Option<f64>], dtype: &DataType, partitions: usize) -> Frame {
    let at = Series::new("at".into(), at.to_vec()).cast(dtype).unwrap().into_column();
    let x = Series::new("x".into(), x.to_vec()).into_column();
    Frame::from_polars(DataFrame::new(at.len(), vec![at, x]).unwrap(), partitions)
}

/// What pandas has of one zone and day: for each operation times and results.
type Results<'a> = BTreeMap<&'a str, Vec<(i64, &'a str)>>;

fn committed(text: &str) -> BTreeMap<(&str, &str), Results<'_>> {
    let mut all: BTreeMap<(&str, &str), Results<'_>> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let results = all.entry((cells[0], cells[1])).or_default();
        results.entry(cells[2]).or_default().push((cells[3].parse().unwrap(), cells[4]));
    }
    all
}

/// Calls `check` with each operation on each of the days, in some partitionings.
fn each(name: &str, check: impl Fn(&str, &str, &Frame, &[(i64, &str)], &str)) {
    let mut seen = 0;
    for ((zone, start), results) in committed(include_str!("../data/pandas_clocks.csv")) {
        let series = &results["series"];
        let at: Vec<i64> = series.iter().map(|(at, _)| *at).collect();
        let x: Vec<Option<f64>> = series.iter().map(|(_, x)| x.parse().ok()).collect();
        for (operation, expected) in &results {
            let Some(argument) = operation.strip_prefix(name) else { continue };
            for partitions in [1, 5] {
                let frame = frame_of(&at, &x, &zoned(zone), partitions);
                let what = format!("{operation} from {start} in {zone}, {partitions} partitions");
                check(argument.trim(), zone, &frame, expected, &what);
                seen += 1;
            }
        }
    }
    assert!(seen >= 16, "{seen} of {name}");
}

fn moments(results: &[(i64, &str)]) -> Vec<Option<i64>> {
    results.iter().map(|(_, result)| result.parse().ok()).collect()
}

#[test]
fn moments_are_cut_and_moved_by_the_clock_as_in_pandas() {
    each("truncate", |every, _, frame, expected, what| {
        let found = computed(&frame.select(col("at").dt().truncate(every))).unwrap();
        assert_eq!(ticks(&found, "at"), moments(expected), "{what}");
    });
    each("offset_by", |by, _, frame, expected, what| {
        let found = computed(&frame.select(col("at").dt().offset_by(by))).unwrap();
        assert_eq!(ticks(&found, "at"), moments(expected), "{what}");
    });
}

#[test]
fn windows_across_a_change_of_clocks_are_those_of_pandas() {
    each("resample", |every, zone, frame, expected, what| {
        let found = computed(&frame.resample("at", every).sum()).unwrap();
        assert_eq!(found.column("at").unwrap().dtype(), &zoned(zone), "{what}");
        let labels: Vec<Option<i64>> = expected.iter().map(|(label, _)| Some(*label)).collect();
        assert_eq!(ticks(&found, "at"), labels, "{what}");
        are_near(&floats(&found, "x"), expected, what);
    });
    each("rolling", |period, _, frame, expected, what| {
        let sorted = frame.sorted_by("at").select(col("x").rolling_sum(period));
        are_near(&floats(&computed(&sorted).unwrap(), "x"), expected, what);
    });
}

#[track_caller]
fn are_near(found: &[Option<f64>], expected: &[(i64, &str)], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (found, (at, expected)) in found.iter().zip(expected) {
        let expected: f64 = expected.parse().unwrap();
        let is_near = found.is_some_and(|found| (found - expected).abs() < 1e-9);
        assert!(is_near, "{what} at {at}: {found:?}, not {expected}");
    }
}

#[test]
fn clocks_that_never_show_a_time_or_twice_are_told() {
    each("localize", |_, zone, _, expected, what| {
        let (shown, never): (Vec<_>, Vec<_>) =
            expected.iter().copied().partition(|(_, result)| !result.is_empty());
        let clock = |at: &[i64]| {
            let x = vec![None; at.len()];
            let frame = frame_of(at, &x, &DataType::Datetime(MICROSECONDS, None), 2);
            frame.select(col("at").dt().replace_time_zone(Some(zone)))
        };
        let at: Vec<i64> = shown.iter().map(|(at, _)| *at).collect();
        assert_eq!(ticks(&computed(&clock(&at)).unwrap(), "at"), moments(&shown), "{what}");
        assert!(!never.is_empty(), "{what}");
        for (at, _) in never {
            refused(&clock(&[at]), Value, &["`col(\"at\").dt().replace_time_zone", zone]);
        }
    });
}

#[test]
fn columns_of_two_zones_are_told_apart() {
    let rows = df!("a" => [1_i64, 2], "b" => [1_i64, 2], "c" => [1_i64, 2]).unwrap();
    let plain = DataType::Datetime(MICROSECONDS, None);
    let frame = Frame::from_polars(rows, 2).cast([
        ("a", zoned("UTC")),
        ("b", zoned("Europe/Berlin")),
        ("c", plain),
    ]);
    let both = ["UTC", "Europe/Berlin", "col(\"a\")", "col(\"b\")", "convert_time_zone"];
    refused_at_once(&frame.select([col("a") - col("b")]), Type, &both);
    refused_at_once(&frame.filter(col("a").lt(col("b"))), Type, &both);
    refused_at_once(&frame.filter(col("a").eq(col("b"))), Type, &both);
    refused_at_once(
        &frame.filter(col("a").gt(col("c"))),
        Type,
        &["Datetime(μs, UTC)", "Datetime(μs)", "replace_time_zone"],
    );
    let one = |name: &str| frame.select([col(name).alias("t")]);
    for (left, right, words) in [
        ("a", "b", ["`t`", "UTC", "datetime[μs, Europe/Berlin]"]),
        ("a", "c", ["`t`", "UTC", "datetime[μs]"]),
        ("c", "a", ["`t`", "UTC", "datetime[μs]"]),
    ] {
        refused_at_once(&one(left).join(&one(right), "t", JoinType::Inner), Type, &words);
        let words = words.map(|word| word.trim_matches('`'));
        refused_at_once(&Frame::concat([&one(left), &one(right)]), Schema, &words);
    }
    for (left, right, word) in [
        ("a", "b", "right.with_columns([col(\"t\").dt().convert_time_zone(\"UTC\")])"),
        ("a", "c", "right.with_columns([col(\"t\").dt().replace_time_zone(Some(\"UTC\"))])"),
        ("c", "b", "dt().replace_time_zone(Some(\"Europe/Berlin\"))"),
    ] {
        refused_at_once(&one(left).join(&one(right), "t", JoinType::Left), Type, &[word]);
    }
    refused_at_once(
        &frame.select([when(col("a").is_null()).then(col("a")).otherwise(col("b"))]),
        Type,
        &["UTC", "Europe/Berlin"],
    );
    refused_at_once(&frame.with_columns([col("a").is_in(["x"])]), Type, &["col(\"a\")"]);
    // Of one zone, they are instants.
    let converted = col("b").dt().convert_time_zone("UTC");
    let apart = frame.select([(col("a") - converted.clone()).dt().total_microseconds()]);
    assert_eq!(ticks(&computed(&apart).unwrap(), "a"), [Some(0), Some(0)]);
    let equal = frame.filter(col("a").eq(converted)).agg([len()]);
    assert_eq!(computed(&equal).unwrap(), df!("len" => [2_u32]).unwrap());
}

#[test]
fn texts_with_offsets_are_the_instants_that_they_name() {
    let folder = Folder::new();
    // One instant, and another one an hour later, of several clocks.
    let text = "t,n\n2013-01-01T12:00:00+0100,1\n2013-01-01T06:00:00-0500,2\n2013-01-01T17:30:00+0530,3\n2013-01-01T12:00:00+0000,4\n";
    let instant = 1_357_038_000_000_000_i64;
    let expected = [
        Some(instant),
        Some(instant),
        Some(instant + 3_600_000_000),
        Some(instant + 3_600_000_000),
    ];
    let path = folder.write("offsets.csv", text);
    let read = Frame::read_csv(&path);
    let times = read.select([col("t").str().to_datetime("%Y-%m-%dT%H:%M:%S%z"), col("n")]);
    let found = computed(&times).unwrap();
    assert_eq!(found.column("t").unwrap().dtype(), &zoned("UTC"));
    assert_eq!(ticks(&found, "t"), expected);
    // The reader does the same, with colons as ISO 8601 has them and without.
    for text in [text.to_owned(), text.replace("00,", ":00,").replace("+0530", "+05:30")] {
        let path = folder.write("iso.csv", text);
        let read = Frame::read_csv_with(path, CsvOptions::new().try_parse_dates(true));
        let found = computed(&read.select("t")).unwrap();
        assert_eq!(found.column("t").unwrap().dtype(), &zoned("UTC"));
        assert_eq!(ticks(&found, "t"), expected);
    }
    // A text without an offset names no instant, and one with names no clock.
    let mixed = folder.write("mixed.csv", "t\n2013-01-01T12:00:00+01:00\n2013-01-01T12:00:00\n");
    let read = Frame::read_csv(&mixed);
    let strictly = read.select(col("t").str().to_datetime("%Y-%m-%dT%H:%M:%S%z"));
    refused(&strictly, Value, &["`col(\"t\")", "\"2013-01-01T12:00:00\"", "%z"]);
    let plainly = read.select(col("t").str().to_datetime("%Y-%m-%dT%H:%M:%S"));
    refused(&plainly, Value, &["`col(\"t\")", "\"2013-01-01T12:00:00+01:00\""]);
    let declared = |dtype| Frame::read_csv_with(&mixed, CsvOptions::new().declare("t", dtype));
    refused(
        &declared(zoned("UTC")),
        taskweave_frame::ErrorKind::Format,
        &["mixed.csv:3", "`t`", "no offset", "String"],
    );
    refused(
        &declared(DataType::Datetime(MICROSECONDS, None)),
        taskweave_frame::ErrorKind::Format,
        &["mixed.csv:2", "`t`", "has an offset"],
    );
}

#[test]
fn texts_in_ranges_are_what_the_clock_of_the_column_shows() {
    let hour = 3_600_000_000;
    // Every half hour from midnight of 2013-03-30 to that of 04-02, in Berlin: the 31st has 23 hours.
    let start = 1_364_598_000_000_000;
    let at: Vec<i64> = (0..142).map(|n| start + n * hour / 2).collect();
    for partitions in [1, 4, 9] {
        let x = vec![None; at.len()];
        let frame = frame_of(&at, &x, &zoned("Europe/Berlin"), partitions).sorted_by("at");
        let rows = |some: Frame| computed(&some).unwrap().height();
        assert_eq!(rows(frame.loc("2013-03-31"..="2013-03-31")), 46);
        assert_eq!(rows(frame.loc("2013-03-31".."2013-03-31")), 0);
        assert_eq!(rows(frame.loc("2013-03-30".."2013-04-01")), 48 + 46);
        assert_eq!(rows(frame.loc("2013-03"..="2013-03")), 48 + 46);
        assert_eq!(rows(frame.loc("2013-04"..)), 48);
        assert_eq!(rows(frame.loc(..="2012")), 0);
        assert_eq!(rows(frame.loc("2013-03-31 01"..="2013-03-31 03")), 4);
        assert_eq!(rows(frame.loc("2013-03-30 12:30"..="2013-03-30 12:30")), 1);
        assert_eq!(rows(frame.loc("2013-03-30T12:30:01".."2013-03-30T13:00:00.000001")), 1);
        let behind = (std::ops::Bound::Excluded("2013-03-30"), std::ops::Bound::<&str>::Unbounded);
        assert_eq!(rows(frame.loc::<&str>(behind)), 46 + 48);
        refused_at_once(
            &frame.loc("2013-02-30"..),
            Value,
            &["\"2013-02-30\"", "`at`", "\"2013-01-05\""],
        );
        refused_at_once(&frame.loc("yesterday"..), Value, &["yesterday", "zones.rs"]);
    }
    let days = df!("day" => (15_706..15_800).collect::<Vec<i32>>()).unwrap();
    for partitions in [1, 7] {
        let days = Frame::from_polars(days.clone(), partitions).cast([("day", DataType::Date)]);
        let days = days.sorted_by("day");
        let rows = |some: Frame| computed(&some).unwrap().height();
        assert_eq!(rows(days.loc("2013-01-05"..="2013-01-06")), 2);
        assert_eq!(rows(days.loc("2013-01"..="2013-02")), 59);
        assert_eq!(rows(days.loc("2013-01".."2013-02")), 31);
        assert_eq!(rows(days.loc("2013".."2014")), 94);
        // A date is its midnight.
        assert_eq!(rows(days.loc("2013-01-05 12:00"..="2013-01-07 00:00")), 2);
        assert!(days.loc("2013-01-05"..="2013-01-06").partitions() <= 2);
    }
    let numbers = Frame::from_polars(df!("n" => [1, 2]).unwrap(), 1).sorted_by("n");
    refused_at_once(&numbers.loc("2013"..), Type, &["col(\"n\")", "Int32", "String"]);
}
