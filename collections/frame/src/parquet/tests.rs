//! Files written by polars, read in partitions.

use super::*;
use crate::error::{Error, ErrorKind};
use polars_core::prelude::*;
use polars_io::prelude::{ParquetWriter, StatisticsOptions};
use std::fs;
use std::path::PathBuf;

/// A folder of a test, removed in the end.
pub(super) struct Folder(pub(super) PathBuf);

impl Folder {
    pub(super) fn new(name: &str) -> Folder {
        let name = format!("taskweave-frame-parquet-{name}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    pub(super) fn write(&self, name: &str, frame: &DataFrame, row_group: usize) -> PathBuf {
        let path = self.0.join(name);
        let file = fs::File::create(&path).unwrap();
        ParquetWriter::new(file)
            .with_row_group_size(Some(row_group))
            .with_statistics(StatisticsOptions::full())
            .finish(&mut frame.clone())
            .unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Numbers from `from` on, and what is made of them.
pub(super) fn frame(from: i64, rows: i64) -> DataFrame {
    let numbers: Vec<i64> = (from..from + rows).collect();
    let names: Vec<Option<String>> =
        numbers.iter().map(|n| (n % 7 != 3).then(|| format!("name {}", n % 11))).collect();
    let halves: Vec<f64> = numbers.iter().map(|n| *n as f64 / 2.0).collect();
    let days = Column::new("day".into(), numbers.iter().map(|n| *n as i32).collect::<Vec<_>>());
    let moments =
        Column::new("moment".into(), numbers.iter().map(|n| n * 1_000_000).collect::<Vec<_>>());
    let moment = DataType::Datetime(TimeUnit::Microseconds, None);
    DataFrame::new(
        rows as usize,
        vec![
            Column::new("n".into(), numbers),
            Column::new("name".into(), names),
            Column::new("half".into(), halves),
            days.cast(&DataType::Date).unwrap(),
            moments.cast(&moment).unwrap(),
        ],
    )
    .unwrap()
}

fn open(paths: &[PathBuf]) -> ParquetSource {
    ParquetSource::open(paths, small()).unwrap()
}

pub(super) fn small() -> ParquetOptions {
    ParquetOptions::new().partition_bytes(1).piece_rows(64)
}

pub(super) fn said<T>(result: Result<T, Error>) -> (ErrorKind, String) {
    let error = result.err().expect("an error");
    (error.kind(), error.message().to_owned())
}

/// All rows of all partitions.
pub(super) fn all(
    source: &ParquetSource,
    columns: Option<&[PlSmallStr]>,
    comparisons: &[Comparison],
) -> Result<DataFrame, Error> {
    let mut found: Option<DataFrame> = None;
    for part in 0..source.parts() {
        source.read(part, columns, comparisons, &mut |piece| {
            assert!(piece.height() > 0 && piece.height() <= 64);
            match &mut found {
                None => found = Some(piece),
                Some(found) => {
                    found.vstack_mut(&piece).map_err(Error::polars)?;
                }
            }
            Ok(())
        })?;
    }
    Ok(found.unwrap_or_default())
}

#[test]
fn rows_come_in_order_over_files_and_row_groups() {
    let folder = Folder::new("order");
    let paths = [
        folder.write("a.parquet", &frame(0, 300), 100),
        folder.write("b.parquet", &frame(300, 0), 100),
        folder.write("c.parquet", &frame(300, 130), 100),
    ];
    let source = open(&paths);
    assert_eq!(source.parts(), 4);
    assert!(all(&source, None, &[]).unwrap().equals_missing(&frame(0, 430)));
    assert_eq!(&**source.schema(), &**frame(0, 0).schema());
    let whole = ParquetSource::open(&[&folder.0], ParquetOptions::default()).unwrap();
    assert_eq!((whole.parts(), whole.rows(0), whole.files().len()), (1, 430, 3));
}

#[test]
fn only_the_columns_asked_for_are_read() {
    let folder = Folder::new("columns");
    let source = open(&[folder.write("a.parquet", &frame(0, 250), 100)]);
    let columns = ["half".into(), "n".into()];
    let expected = frame(0, 250).select(["half", "n"]).unwrap();
    assert!(all(&source, Some(&columns), &[]).unwrap().equals(&expected));
    assert!(source.bytes(0, Some(&columns)) < source.bytes(0, None));
    // None at all: the rows are counted.
    assert_eq!(all(&source, Some(&[]), &[]).unwrap().shape(), (250, 0));
    let (kind, message) = said(all(&source, Some(&["halves".into()]), &[]));
    assert_eq!(kind, ErrorKind::Column);
    assert!(message.contains("no column `halves`"), "{message}");
    assert!(message.ends_with("which has n, name, half, day, moment"), "{message}");
}

#[test]
fn an_error_of_the_reader_of_pieces_stops_the_partition() {
    let folder = Folder::new("stop");
    let source = open(&[folder.write("a.parquet", &frame(0, 250), 250)]);
    let mut calls = 0;
    let error = source.read(0, None, &[], &mut |_| {
        calls += 1;
        Err(Error::new(ErrorKind::Value, "enough"))
    });
    assert_eq!((said(error).1.as_str(), calls), ("enough", 1));
}

fn compare(column: &str, operator: Operator, literal: impl Into<AnyValue<'static>>) -> Comparison {
    Comparison { column: column.into(), operator, literal: literal.into() }
}

/// How many of ten row groups of a hundred rows, 0 to 999, are read.
fn read_of(source: &ParquetSource, comparisons: &[Comparison]) -> usize {
    let pruned = source.pruned(None, comparisons);
    assert_eq!(pruned.row_groups, 10);
    let read = all(source, None, comparisons).unwrap();
    assert_eq!(read.height(), pruned.rows);
    assert_eq!(pruned.rows, (10 - pruned.skipped) * 100);
    10 - pruned.skipped
}

#[test]
fn row_groups_without_a_wanted_row_are_left_out() {
    use Operator::*;
    let folder = Folder::new("prune");
    let source = open(&[folder.write("a.parquet", &frame(0, 1000), 100)]);
    let read = |comparisons: &[Comparison]| read_of(&source, comparisons);
    assert_eq!(read(&[]), 10);
    assert_eq!(read(&[compare("n", Lt, 200i64)]), 2);
    assert_eq!(read(&[compare("n", LtEq, 200i64)]), 3);
    assert_eq!(read(&[compare("n", Gt, 899i64)]), 1);
    assert_eq!(read(&[compare("n", GtEq, 899i64)]), 2);
    assert_eq!(read(&[compare("n", Eq, 450i32), compare("n", NotEq, 3i64)]), 1);
    assert_eq!(read(&[compare("n", Eq, 199.5)]), 0);
    assert_eq!(read(&[compare("n", Lt, 100.5)]), 2);
    assert_eq!(read(&[compare("half", Lt, 50.0)]), 1);
    assert_eq!(read(&[compare("half", Eq, 50i64)]), 1);
    // There may be a NaN, which is greater.
    assert_eq!(read(&[compare("half", Gt, 1e9)]), 10);
    assert_eq!(read(&[compare("name", Lt, "name")]), 0);
    assert_eq!(read(&[compare("name", Eq, "name 3")]), 10);
    assert_eq!(read(&[compare("name", Gt, "name 9")]), 10);
    assert_eq!(read(&[compare("name", Gt, "o")]), 0);
    assert_eq!(read(&[compare("n", IsNull, 0i64)]), 0);
    assert_eq!(read(&[compare("name", IsNull, 0i64)]), 10);
    assert_eq!(read(&[compare("name", IsNotNull, 0i64)]), 10);
    assert_eq!(read(&[compare("n", Eq, AnyValue::Null)]), 10);
    assert_eq!(read(&[compare("n", Eq, "3")]), 10);
    assert_eq!(read(&[compare("m", Eq, 3i64)]), 10);
    assert_eq!(read(&[compare("day", Gt, AnyValue::Date(899))]), 1);
    let moment = |value, unit| AnyValue::Datetime(value, unit, None);
    assert_eq!(read(&[compare("moment", Lt, moment(100_000, TimeUnit::Milliseconds))]), 2);
    assert_eq!(read(&[compare("moment", Lt, moment(100_000_000, TimeUnit::Microseconds))]), 1);
    assert_eq!(read(&[compare("moment", Lt, moment(99_999_999_999, TimeUnit::Nanoseconds))]), 1);
    assert_eq!(read(&[compare("moment", GtEq, AnyValue::Date(1))]), 0);
}

#[test]
fn folders_named_after_values_are_columns_and_leave_files_out() {
    use Operator::*;
    let folder = Folder::new("hive");
    for (at, name) in ["10", "2", "__HIVE_DEFAULT_PARTITION__"].iter().enumerate() {
        let name = format!("month={name}");
        fs::create_dir(folder.0.join(&name)).unwrap();
        folder.write(&format!("{name}/a.parquet"), &frame(at as i64 * 10, 10), 10);
    }
    fs::create_dir(folder.0.join("other")).unwrap();
    let source = ParquetSource::open(&[&folder.0], small()).unwrap();
    assert_eq!(source.schema().get("month"), Some(&DataType::Int64));
    let read = |comparison| {
        let read = all(&source, Some(&["month".into(), "n".into()]), &[comparison]).unwrap();
        let months = read.column("month").unwrap().unique_stable().unwrap();
        months.i64().unwrap().iter().collect::<Vec<_>>()
    };
    assert_eq!(read(compare("n", GtEq, 0i64)), [Some(10), Some(2), None]);
    assert_eq!(read(compare("month", Gt, 2i64)), [Some(10)]);
    assert_eq!(read(compare("month", NotEq, 10i64)), [Some(2)]);
    assert_eq!(read(compare("month", IsNull, 0i64)), [None]);
    let lost = folder.write("lost.parquet", &frame(0, 1), 1);
    let (kind, message) = said(ParquetSource::open(&[&folder.0], small()));
    assert_eq!(kind, ErrorKind::Schema);
    let expected = "lost.parquet is in no folder named after a value: read";
    assert!(message.contains(expected), "{message}");
    fs::remove_file(lost).unwrap();
}

#[test]
fn patterns_are_the_files_that_they_match() {
    let folder = Folder::new("pattern");
    folder.write("b-2.parquet", &frame(10, 10), 10);
    folder.write("b-1.parquet", &frame(0, 10), 10);
    folder.write("c.parquet", &frame(0, 10), 10);
    let source = ParquetSource::open(&[folder.0.join("b-*")], small()).unwrap();
    assert!(all(&source, None, &[]).unwrap().equals_missing(&frame(0, 20)));
    let (kind, message) = said(ParquetSource::open(&[folder.0.join("d-*.parquet")], small()));
    assert_eq!(kind, ErrorKind::Io);
    assert!(
        message.contains("d-*.parquet: no file matches; they were looked for in "),
        "{message}"
    );
}
