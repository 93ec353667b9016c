//! Where rows are written: over what is there, beside what others left, into folders named after values, and once more from the beginning.

use crate::support::{Folder, computed, is_error, refused, refused_at_once};
use taskweave_frame::ErrorKind::{Column, Io, Value};
use taskweave_frame::prelude::*;
use taskweave_frame::{Error, ParquetOptions, Written};

fn rows() -> Frame {
    let rows = df!("x" => [1_i64, 2, 3, 4], "key" => ["01", "01", "2", "2"]).unwrap();
    Frame::from_polars(rows, 2)
}

/// The ways of writing to a folder.
fn folders(frame: &Frame, path: &std::path::Path) -> [Result<Written, Error>; 3] {
    [frame.to_parquet(path), frame.to_csv(path), frame.to_parquet_hive(path, "key")]
}

#[test]
fn a_folder_with_something_in_it_is_not_written_to() {
    let folder = Folder::new();
    let path = folder.path("out");
    // Even what is hidden, or is nothing that is read.
    for name in ["part-00000.csv", ".hidden", "notes.txt"] {
        std::fs::create_dir(&path).unwrap();
        folder.write(&format!("out/{name}"), "old");
        for written in folders(&rows(), &path) {
            let words = ["out", "not empty", "remove it", "targets.rs"];
            is_error(&written.unwrap_err(), Io, &words);
        }
        assert_eq!(
            (folder.names(""), folder.names("out")),
            (vec!["out".into()], vec![name.into()])
        );
        assert_eq!(std::fs::read(path.join(name)).unwrap(), b"old");
        std::fs::remove_dir_all(&path).unwrap();
    }
    // A file of that name.
    folder.write("out", "old");
    for written in folders(&rows(), &path) {
        is_error(&written.unwrap_err(), Io, &["out", "it is a file", "another name"]);
    }
    assert_eq!(std::fs::read(&path).unwrap(), b"old");
    // A folder whose own folder is missing.
    for written in folders(&rows(), &folder.path("no/out")) {
        is_error(&written.unwrap_err(), Io, &["no is missing", "make it first"]);
    }
    assert_eq!(folder.names(""), ["out"]);
}

#[test]
fn an_empty_folder_is_written_to_and_a_second_time_not() {
    for way in 0..3 {
        let folder = Folder::new();
        let path = folder.path("out");
        std::fs::create_dir(&path).unwrap();
        let write = || match way {
            0 => rows().to_parquet(&path),
            1 => rows().to_csv(&path),
            _ => rows().to_parquet_hive(&path, "key"),
        };
        assert_eq!(write().unwrap().rows(), 4);
        let before = folder.names("out");
        is_error(&write().unwrap_err(), Io, &["not empty"]);
        assert_eq!(folder.names("out"), before);
        assert_eq!(folder.names(""), ["out"]);
    }
}

#[test]
fn files_are_replaced_when_the_new_ones_are_whole() {
    let folder = Folder::new();
    let (parquet, csv) = (folder.path("x.parquet"), folder.path("x.csv"));
    let failing = rows().map_partitions(|_| Err::<DataFrame, _>("fails"));
    for _ in 0..2 {
        rows().to_parquet_file(&parquet).unwrap();
        rows().to_csv_file(&csv).unwrap();
        assert_eq!(folder.names(""), ["x.csv", "x.parquet"]);
        for written in [failing.to_parquet_file(&parquet), failing.to_csv_file(&csv)] {
            is_error(&written.unwrap_err(), taskweave_frame::ErrorKind::Task, &["fails"]);
        }
        assert_eq!(folder.names(""), ["x.csv", "x.parquet"]);
        assert_eq!(Frame::read_parquet(&parquet).compute().unwrap(), rows().compute().unwrap());
        assert_eq!(std::fs::read(&csv).unwrap(), b"x,key\n1,01\n2,01\n3,2\n4,2\n");
    }
    // A frame may be written over the file that it is read from.
    let doubled = Frame::read_csv(&csv).with_columns(col("x") * 2).select("x");
    doubled.to_csv_file(&csv).unwrap();
    assert_eq!(std::fs::read(&csv).unwrap(), b"x\n2\n4\n6\n8\n");
    Frame::read_parquet(&parquet).filter(col("x").gt(2)).to_parquet_file(&parquet).unwrap();
    assert_eq!(Frame::read_parquet(&parquet).compute().unwrap().height(), 2);
    for written in [rows().to_parquet_file(folder.path("")), rows().to_csv_file(folder.path(""))] {
        is_error(&written.unwrap_err(), Io, &["it is a folder"]);
    }
}

#[test]
fn names_of_folders_have_the_types_that_are_declared() {
    let folder = Folder::new();
    let path = folder.path("hive");
    rows().to_parquet_hive(&path, "key").unwrap();
    let read = |dtype| {
        let options = ParquetOptions::new().declare("key", DataType::Null).declare("key", dtype);
        Frame::read_parquet_with(&path, options)
    };
    assert_eq!(Frame::read_parquet(&path).schema().get("key"), Some(&DataType::Int64));
    let texts = read(DataType::String);
    assert_eq!(
        computed(&texts).unwrap(),
        df!("x" => [1_i64, 2, 3, 4], "key" => ["01", "01", "2", "2"]).unwrap()
    );
    let some = texts.filter(col("key").eq("01")).select("x");
    assert_eq!(computed(&some).unwrap(), df!("x" => [1_i64, 2]).unwrap());
    assert!(
        some.explain().unwrap().contains("1 of 2 row groups left out"),
        "{}",
        some.explain().unwrap()
    );
    let small = read(DataType::Int8);
    assert_eq!(
        computed(&small.group_by("key").sum()).unwrap(),
        df!("key" => [1_i8, 2], "x" => [3_i64, 7]).unwrap()
    );
    let floats = computed(&read(DataType::Float32)).unwrap();
    assert_eq!(floats.column("key").unwrap().dtype(), &DataType::Float32);
    refused_at_once(
        &read(DataType::Boolean),
        Value,
        &["hive/key=01/part-00000.parquet", "\"01\"", "`key`", "DataType::String"],
    );
    refused_at_once(&read(DataType::Date), Value, &["\"01\"", "`key`"]);
    let other = ParquetOptions::new().declare("x", DataType::Int8);
    refused_at_once(&Frame::read_parquet_with(&path, other), Column, &["`x`", "no folder", "cast"]);
}

#[test]
fn truths_dates_and_nulls_name_folders_too() {
    let folder = Folder::new();
    let rows = df!(
        "b" => [Some(true), Some(false), None],
        "d" => [Some("2013-01-05"), None, Some("2013-02-01")],
        "x" => [1_i64, 2, 3],
    );
    let frame = Frame::from_polars(rows.unwrap(), 1).cast([("d", DataType::Date)]);
    frame.to_parquet_hive(folder.path("hive"), ["b", "d"]).unwrap();
    let options =
        ParquetOptions::new().declare("b", DataType::Boolean).declare("d", DataType::Date);
    let read = Frame::read_parquet_with(folder.path("hive"), options);
    let found = computed(&read.sort("x").select(["b", "d", "x"])).unwrap();
    assert!(found.equals_missing(&frame.compute().unwrap()), "{found}");
}

/// The second part of the file begins within a field, behind whose newlines there seem to be rows: the reader begins anew.
#[test]
fn what_was_written_of_a_wrong_guess_is_not_there() {
    let folder = Folder::new();
    let mut text = "k,x\n".to_owned();
    (0..40_000).for_each(|row| text += &format!("a{},{row}\n", row % 3));
    text += "\"";
    (0..60_000).for_each(|row| text += &format!("b{},{row}\n", row % 5));
    text += "\",1\nc,2\n";
    let path = folder.write("x.csv", text);
    let options =
        CsvOptions::new().sample_rows(10).declare("k", DataType::String).partition_bytes(400_000);
    let read = Frame::read_csv_with(&path, options.declare("x", DataType::Int64));
    assert!(read.partitions() >= 3);
    let short = read.with_columns([col("k").str().head(2)]);
    let counts = |frame: &Frame| computed(&frame.group_by("k").len().sort("k")).unwrap();
    let expected =
        df!("k" => ["a0", "a1", "a2", "b0", "c"], "len" => [13_334_u32, 13_333, 13_333, 1, 1]);
    let expected = expected.unwrap();
    assert_eq!(counts(&short), expected);
    let written = short.to_parquet_hive(folder.path("hive"), "k").unwrap();
    assert_eq!(written.rows(), 40_002);
    assert_eq!(folder.names("hive"), ["k=a0", "k=a1", "k=a2", "k=b0", "k=c"]);
    assert_eq!(counts(&Frame::read_parquet(folder.path("hive"))), expected);
    for frame in [short.to_parquet(folder.path("parquet")), short.to_csv(folder.path("csv"))] {
        assert_eq!(frame.unwrap().rows(), 40_002);
    }
    assert_eq!(counts(&Frame::read_parquet(folder.path("parquet"))), expected);
    assert_eq!(counts(&Frame::read_csv(folder.path("csv/*.csv"))), expected);
}

#[test]
fn types_are_told_as_frames_have_them() {
    let folder = Folder::new();
    let path = folder.write("x.csv", "t\n\n\n2013-01-01T12:00\n");
    let read = Frame::read_csv_with(&path, CsvOptions::new().sample_rows(1));
    let words =
        ["x.csv:4", "`t`", "declare(\"t\", DataType::Datetime(TimeUnit::Microseconds, None))"];
    refused(&read, taskweave_frame::ErrorKind::Format, &words);
    let path = folder.write("y.csv", "t\n\n\n2013-01-01T12:00Z\n");
    let read = Frame::read_csv_with(&path, CsvOptions::new().sample_rows(1));
    refused(&read, taskweave_frame::ErrorKind::Format, &["Some(TimeZone::UTC))"]);
}
