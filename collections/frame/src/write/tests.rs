//! What is written is read again; what is not finished is not there.

use super::output::{Output, Sink};
use super::*;
use crate::error::{Error, ErrorKind};
use crate::parquet::{ParquetOptions, ParquetSource};
use polars_core::prelude::*;
use std::fs;
use std::io;

/// A folder of a test, removed in the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let name = format!("taskweave-frame-write-{name}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// All files in it, however deep, with the names of the folders.
    fn files(&self) -> Vec<String> {
        fn walk(folder: &Path, root: &Path, found: &mut Vec<String>) {
            for entry in folder.read_dir().unwrap() {
                let path = entry.unwrap().path();
                match path.is_dir() {
                    true => walk(&path, root, found),
                    false => found.push(path.strip_prefix(root).unwrap().display().to_string()),
                }
            }
        }
        let mut found = Vec::new();
        walk(&self.0, &self.0, &mut found);
        found.sort();
        found
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A disk on which there is so much room.
#[derive(Debug)]
struct Small(usize);

impl io::Write for Small {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0 == 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let count = bytes.len().min(self.0);
        self.0 -= count;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Sink for Small {
    fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}

fn frame(from: i64, rows: i64) -> DataFrame {
    let numbers: Vec<i64> = (from..from + rows).collect();
    let texts: Vec<Option<String>> =
        numbers.iter().map(|n| (n % 7 != 3).then(|| format!("text {n}"))).collect();
    let columns = vec![Column::new("n".into(), numbers), Column::new("text".into(), texts)];
    DataFrame::new(rows as usize, columns).unwrap()
}

fn read(path: &Path) -> DataFrame {
    let source = ParquetSource::open(&[path], ParquetOptions::default()).unwrap();
    let mut found = DataFrame::empty_with_schema(source.schema());
    for part in 0..source.parts() {
        let mut push = |piece: DataFrame| found.vstack_mut(&piece).map(drop).map_err(Error::polars);
        source.read(part, None, &[], &mut push).unwrap();
    }
    found
}

fn said<T>(result: Result<T, Error>) -> (ErrorKind, String) {
    let error = result.err().expect("an error");
    (error.kind(), error.message().to_owned())
}

#[test]
fn row_groups_are_of_the_rows_asked_for_however_pieces_are_cut() {
    let folder = Folder::new("groups");
    let options = ParquetWriteOptions::new().row_group_rows(100);
    for step in [1, 37, 100, 130, 250] {
        let path = folder.path("a.parquet");
        let schema = frame(0, 0).schema().clone();
        let mut file = ParquetFile::create(&path, &schema, &options).unwrap();
        for from in (0..250).step_by(step) {
            file.push(frame(from, (step as i64).min(250 - from))).unwrap();
        }
        let written = file.finish().unwrap();
        assert_eq!((written.rows, written.files), (250, 1));
        assert_eq!(written.bytes, path.metadata().unwrap().len());
        let source =
            ParquetSource::open(&[&path], ParquetOptions::new().partition_bytes(1)).unwrap();
        let rows: Vec<usize> = (0..source.parts()).map(|part| source.rows(part)).collect();
        assert_eq!(rows, [100, 100, 50]);
        assert!(read(&path).equals_missing(&frame(0, 250)));
    }
    assert_eq!(folder.files(), ["a.parquet"]);
}

#[test]
fn no_rows_are_a_file_with_columns() {
    let folder = Folder::new("empty");
    let schema = frame(0, 0).schema().clone();
    let path = folder.path("a.parquet");
    let file = ParquetFile::create(&path, &schema, &ParquetWriteOptions::new()).unwrap();
    file.finish().unwrap();
    assert_eq!((read(&path).shape(), read(&path).schema()), ((0, 2), &schema));
    let path = folder.path("a.csv");
    CsvFile::create(&path, &schema, &CsvWriteOptions::new()).unwrap().finish().unwrap();
    assert_eq!(fs::read_to_string(path).unwrap(), "n,text\n");
    let none = DataFrame::empty().schema().clone();
    let made = ParquetFile::create(&folder.path("b"), &none, &ParquetWriteOptions::new());
    let (kind, message) = said(made);
    assert_eq!(kind, ErrorKind::Column);
    assert!(message.ends_with("b: there is no column"), "{message}");
}

#[test]
fn csv_has_quotes_where_they_are_needed() {
    let folder = Folder::new("csv");
    let texts = [Some("plain"), Some("a,b"), Some("say \"a\""), None, Some("two\nlines"), Some("")];
    let columns = vec![
        Column::new("t".into(), texts),
        Column::new("x,y".into(), [Some(1.5), None, Some(-0.0), Some(1e300), Some(2.0), Some(0.1)]),
    ];
    let rows = DataFrame::new(6, columns).unwrap();
    let write = |options: CsvWriteOptions| {
        let path = folder.path("a.csv");
        let mut file = CsvFile::create(&path, rows.schema(), &options).unwrap();
        file.push(&rows.slice(0, 2)).unwrap();
        file.push(&rows.slice(2, 4)).unwrap();
        assert_eq!(file.finish().unwrap().rows, 6);
        fs::read_to_string(path).unwrap()
    };
    assert_eq!(
        write(CsvWriteOptions::new()),
        "t,\"x,y\"\nplain,1.5\n\"a,b\",\n\"say \"\"a\"\"\",-0.0\n,1e+300\n\"two\nlines\",2.0\n\"\",0.1\n"
    );
    let options = CsvWriteOptions::new().separator(b';').null_value("NA").has_header(false);
    assert_eq!(
        write(options),
        "plain;1.5\na,b;NA\n\"say \"\"a\"\"\";-0.0\nNA;1e+300\n\"two\nlines\";2.0\n\"\";0.1\n"
    );
    let clash = CsvWriteOptions::new().separator(b'"');
    let (kind, _) = said(CsvFile::create(&folder.path("b.csv"), rows.schema(), &clash));
    assert_eq!(kind, ErrorKind::Value);
    assert_eq!(folder.files(), ["a.csv"]);
}

#[test]
fn what_is_not_finished_is_not_there_and_leaves_what_was() {
    let folder = Folder::new("drop");
    let path = folder.path("a.parquet");
    fs::write(&path, "what was").unwrap();
    let schema = frame(0, 0).schema().clone();
    let options = ParquetWriteOptions::new().row_group_rows(10);
    let mut file = ParquetFile::create(&path, &schema, &options).unwrap();
    file.push(frame(0, 100)).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "what was");
    assert_eq!(folder.files().len(), 2);
    drop(file);
    assert_eq!(folder.files(), ["a.parquet"]);
    assert_eq!(fs::read_to_string(&path).unwrap(), "what was");

    let pending = Pending::folder(&folder.path("out")).unwrap();
    let inside = file_of(Path::new(""), 3, "parquet");
    let mut file = ParquetFile::inside(&pending, &inside, &schema, &options).unwrap();
    file.push(frame(0, 100)).unwrap();
    file.finish().unwrap();
    assert!(!folder.path("out").exists());
    let hidden = ParquetSource::open(&[&folder.0], ParquetOptions::default());
    assert!(said(hidden).1.contains("is no Parquet file"), "only `a.parquet` is looked at");
    drop(pending);
    assert_eq!(folder.files(), ["a.parquet"]);
}

#[test]
fn a_folder_has_its_name_when_all_partitions_are_there() {
    let folder = Folder::new("folder");
    let target = folder.path("out");
    fs::create_dir(&target).unwrap();
    let pending = Pending::folder(&target).unwrap();
    for partition in 0..3 {
        let rows = frame(partition as i64 * 10, 10);
        let path = file_of(Path::new(""), partition, "parquet");
        let options = ParquetWriteOptions::new();
        let mut file = ParquetFile::inside(&pending, &path, rows.schema(), &options).unwrap();
        file.push(rows).unwrap();
        file.finish().unwrap();
    }
    assert!(folder.path("out").read_dir().unwrap().next().is_none());
    pending.finish().unwrap();
    assert_eq!(
        folder.files(),
        ["out/part-00000.parquet", "out/part-00001.parquet", "out/part-00002.parquet"]
    );
    assert!(read(&target).equals_missing(&frame(0, 30)));
    let (kind, message) = said(Pending::folder(&target));
    assert_eq!(kind, ErrorKind::Io);
    assert!(message.ends_with("the folder is not empty; remove it, or choose another one"));
}

#[test]
fn a_full_disk_is_said_with_the_name_and_leaves_nothing() {
    let folder = Folder::new("full");
    let schema = frame(0, 0).schema().clone();
    // Full at once, in the middle, in the footer.
    for room in [0, 3, 1000, 20_000] {
        let path = folder.path("a.parquet");
        let output = Output::of_sink(Box::new(Small(room)), &path).unwrap();
        let options = ParquetWriteOptions::new().row_group_rows(50_000);
        let result = ParquetFile::new(output, &schema, &options).and_then(|mut file| {
            for from in 0..10 {
                file.push(frame(from * 20_000, 20_000))?;
            }
            file.finish()
        });
        let (kind, message) = said(result);
        assert_eq!(kind, ErrorKind::Io);
        let expected = format!("cannot write {}: no storage space", path.display());
        assert_eq!(message, expected);

        let output = Output::of_sink(Box::new(Small(room)), &path).unwrap();
        let options = CsvWriteOptions::new();
        let result = CsvFile::new(output, &schema, &options).and_then(|mut file| {
            for from in 0..10 {
                file.push(&frame(from * 20_000, 20_000))?;
            }
            file.finish()
        });
        assert_eq!(said(result), (ErrorKind::Io, expected));
        assert_eq!(folder.files(), [""; 0]);
    }
}

#[test]
fn a_folder_that_is_gone_is_an_error() {
    let folder = Folder::new("gone");
    let schema = frame(0, 0).schema().clone();
    let options = ParquetWriteOptions::new();
    let create = |name: &str| said(ParquetFile::create(&folder.path(name), &schema, &options));
    let (kind, message) = create("no/a.parquet");
    assert_eq!(kind, ErrorKind::Io);
    assert!(message.ends_with("is missing; make it first"), "{message}");
    fs::create_dir(folder.path("is")).unwrap();
    assert!(create("is").1.ends_with("it is a folder; name a file in it"));
    assert!(create("new/").1.ends_with("it names a folder; give the name of a file"));
    let pending = Pending::folder(&folder.path("out")).unwrap();
    let path = Path::new("a.parquet");
    let mut file = ParquetFile::inside(&pending, path, &schema, &options).unwrap();
    file.push(frame(0, 10)).unwrap();
    fs::remove_dir_all(pending.path()).unwrap();
    let (kind, message) = said(file.finish());
    assert_eq!(kind, ErrorKind::Io);
    let expected = format!("cannot write {}: ", folder.path("out/a.parquet").display());
    assert!(message.starts_with(&expected), "{message}");
    let (kind, message) = said(pending.finish());
    assert_eq!(kind, ErrorKind::Io);
    assert!(message.contains("out: "), "{message}");
    fs::write(folder.path("file"), "").unwrap();
    assert!(said(Pending::folder(&folder.path("file"))).1.contains("it is a file"));
}

#[test]
fn folders_are_named_after_values() {
    let folder = Folder::new("hive");
    let places = [
        Some("a/b"),
        None,
        Some("x y"),
        Some(""),
        Some("__HIVE_DEFAULT_PARTITION__"),
        Some("ü"),
        Some(".."),
    ];
    let rows = 21;
    let place: Vec<_> = (0..rows).map(|n| places[n % places.len()]).collect();
    let numbers: Vec<i64> = (0..rows as i64).collect();
    let months: Vec<i32> = (0..rows as i32).map(|n| n / 14).collect();
    let columns = vec![
        Column::new("place".into(), place),
        Column::new("n".into(), numbers),
        Column::new("month".into(), months),
    ];
    let rows = DataFrame::new(rows, columns).unwrap();
    let keys: Vec<PlSmallStr> = vec!["place".into(), "month".into()];
    let pending = Pending::folder(&folder.path("out")).unwrap();
    let options = ParquetWriteOptions::new();
    let mut files = HiveFiles::new(&pending, 4, rows.schema(), &keys, &options).unwrap();
    files.push(&rows.slice(0, 9)).unwrap();
    files.push(&rows.slice(9, 12)).unwrap();
    let written = files.finish().unwrap();
    assert_eq!((written.rows, written.files), (21, 14));
    pending.finish().unwrap();
    let names = folder.files();
    for name in [
        "a%2Fb",
        "__HIVE_DEFAULT_PARTITION__",
        "x%20y",
        "",
        "%5F_HIVE_DEFAULT_PARTITION__",
        "%C3%BC",
        "..",
    ] {
        let file = format!("out/place={name}/month=0/part-00004.parquet");
        assert!(names.contains(&file), "{file} in {names:?}");
    }
    let found = read(&folder.path("out/place=x%20y/month=0"));
    assert!(found.equals(&DataFrame::new(2, vec![Column::new("n".into(), [2i64, 9])]).unwrap()));

    // All of it is read again, with texts for the empty one and without for null.
    let whole = read(&folder.path("out"));
    assert_eq!(whole.get_column_names(), ["n", "place", "month"]);
    let months = rows.column("month").unwrap().cast(&DataType::Int64).unwrap();
    let mut expected = rows.select(["n", "place"]).unwrap();
    expected.with_column(months).unwrap();
    let sorted = whole.sort(["n"], SortMultipleOptions::default()).unwrap();
    assert!(sorted.equals_missing(&expected), "{sorted}");

    let pending = Pending::folder(&folder.path("other")).unwrap();
    let wrong = |keys: &[&str]| {
        let keys: Vec<PlSmallStr> = keys.iter().map(|&key| key.into()).collect();
        said(HiveFiles::new(&pending, 0, rows.schema(), &keys, &options))
    };
    assert_eq!(wrong(&["plaze"]), (ErrorKind::Column, "column `plaze` is not there".into()));
    assert_eq!(wrong(&["n", "n"]).1, "column `n` is named twice");
    assert!(wrong(&["n", "place", "month"]).1.contains("nothing is left"));
    assert!(wrong(&[]).1.contains("no column"));
}

#[test]
fn rows_of_another_schema_are_refused() {
    let folder = Folder::new("schema");
    let schema = frame(0, 0).schema().clone();
    let options = ParquetWriteOptions::new();
    let mut file = ParquetFile::create(&folder.path("a.parquet"), &schema, &options).unwrap();
    let other = DataFrame::new(1, vec![Column::new("n".into(), [1i64])]).unwrap();
    assert_eq!(
        said(file.push(other)),
        (ErrorKind::Schema, "a partition has 1 columns, and the first has 2".into())
    );
    let mut other = frame(0, 1);
    other.rename("text", "words".into()).unwrap();
    let message = said(file.push(other)).1;
    assert!(
        message.contains("column `words` of type String where the first has `text`"),
        "{message}"
    );
    drop(file);
    assert_eq!(folder.files(), [""; 0]);
}

#[test]
fn columns_of_all_types_are_read_as_they_were_written() {
    let folder = Folder::new("types");
    let rows = 300;
    let numbers: Vec<Option<i64>> = (0..rows).map(|n| (n % 5 != 2).then_some(n * 37)).collect();
    let numbers = Column::new("n".into(), numbers);
    let texts = numbers.cast(&DataType::String).unwrap();
    let categories = Categories::new("c".into(), "taskweave-test".into(), CategoricalPhysical::U16);
    let days = || numbers.cast(&DataType::Date).unwrap();
    let as_type =
        |name: &str, data_type: DataType| numbers.cast(&data_type).unwrap().with_name(name.into());
    let series = numbers.as_materialized_series();
    let lists: Vec<Option<Series>> =
        (0..rows).map(|n| (n % 3 != 1).then(|| series.slice(n, (n % 4) as usize))).collect();
    let lists = Column::new("list".into(), lists);
    let fields = [series.clone(), texts.as_materialized_series().clone().with_name("t".into())];
    let structs =
        StructChunked::from_series("struct".into(), rows as usize, fields.iter()).unwrap();
    let columns = vec![
        as_type("u8", DataType::UInt8),
        as_type("i16", DataType::Int16),
        as_type("f32", DataType::Float32),
        as_type("us", DataType::Duration(TimeUnit::Microseconds)),
        as_type("ns", DataType::Datetime(TimeUnit::Nanoseconds, None)),
        as_type(
            "zoned",
            DataType::Datetime(
                TimeUnit::Milliseconds,
                TimeZone::opt_try_new(Some("Europe/Vienna")).unwrap(),
            ),
        ),
        as_type("time", DataType::Time),
        as_type("decimal", DataType::Decimal(12, 2)),
        as_type("bool", DataType::Boolean),
        texts.cast(&DataType::Binary).unwrap().with_name("binary".into()),
        texts.cast(&DataType::from_categories(categories)).unwrap().with_name("category".into()),
        days().with_name("day".into()),
        Column::full_null("null".into(), rows as usize, &DataType::Null),
        lists,
        structs.into_series().into_column(),
        texts.with_name("text".into()),
    ];
    let frame = DataFrame::new(rows as usize, columns).unwrap();
    let path = folder.path("a.parquet");
    for compression in [
        polars_io::prelude::ParquetCompression::Uncompressed,
        polars_io::prelude::ParquetCompression::Snappy,
        polars_io::prelude::ParquetCompression::Zstd(None),
    ] {
        let options = ParquetWriteOptions::new().row_group_rows(70).compression(compression);
        let mut file = ParquetFile::create(&path, frame.schema(), &options).unwrap();
        file.push(frame.slice(0, 50)).unwrap();
        file.push(frame.slice(50, 250)).unwrap();
        file.finish().unwrap();
        let found = read(&path);
        assert_eq!(found.schema(), frame.schema());
        for (found, expected) in found.columns().iter().zip(frame.columns()) {
            assert!(found.equals_missing(expected), "{found:?} instead of {expected:?}");
        }
    }
    let csv = CsvFile::create(&folder.path("a.csv"), frame.schema(), &CsvWriteOptions::new());
    let (kind, message) = said(csv);
    assert_eq!(kind, ErrorKind::Type);
    assert!(
        message.starts_with("column `us` is Duration('μs'), which CSV has no text for"),
        "{message}"
    );
}

#[test]
fn a_partition_may_be_begun_anew() {
    let folder = Folder::new("anew");
    let pending = Pending::folder(&folder.path("out")).unwrap();
    let path = Path::new("part-00000.csv");
    let options = CsvWriteOptions::new();
    let rows = frame(0, 1000);
    let make = || CsvFile::inside(&pending, path, rows.schema(), &options);
    let mut first = make().unwrap();
    first.push(&rows).unwrap();
    // The former one is there until the new one is.
    let mut second = make().unwrap();
    drop(first);
    second.push(&rows.slice(0, 2)).unwrap();
    second.finish().unwrap();
    pending.finish().unwrap();
    assert_eq!(folder.files(), ["out/part-00000.csv"]);
    let text = fs::read_to_string(folder.path("out/part-00000.csv")).unwrap();
    assert_eq!(text, "n,text\n0,text 0\n1,text 1\n");
}

#[test]
fn files_of_values_that_were_begun_anew_are_those_of_the_last_time() {
    let folder = Folder::new("hive-anew");
    let pending = Pending::folder(&folder.path("out")).unwrap();
    let rows = |keys: [&str; 4], from: i64| {
        let n: Vec<i64> = (from..from + 4).collect();
        DataFrame::new(4, vec![Column::new("k".into(), keys), Column::new("n".into(), n)]).unwrap()
    };
    let schema = rows([""; 4], 0).schema().clone();
    let options = ParquetWriteOptions::new();
    let make = || {
        let files = HiveFiles::new(&pending, 0, &schema, &["k".into()], &options).unwrap();
        // Each piece fills it.
        files.keeping(1)
    };
    let mut first = make();
    first.push(&rows(["a", "a", "b", "wrong"], 0)).unwrap();
    first.push(&rows(["wrong", "b", "b", "b"], 4)).unwrap();
    assert!(pending.path().join("k=wrong/part-00000-1.parquet").is_file());
    // As a task does it: the new one is there when the former one goes.
    let mut second = make();
    drop(first);
    second.push(&rows(["c", "a", "a", "a"], 100)).unwrap();
    second.push(&rows(["a", "c", "c", "c"], 104)).unwrap();
    let written = second.finish().unwrap();
    assert_eq!((written.rows, written.files), (8, 4));
    pending.finish().unwrap();
    let left = folder.files().into_iter().filter(|name| name.ends_with(".parquet"));
    assert_eq!(
        left.collect::<Vec<_>>(),
        [
            "out/k=a/part-00000-1.parquet",
            "out/k=a/part-00000.parquet",
            "out/k=c/part-00000-1.parquet",
            "out/k=c/part-00000.parquet"
        ]
    );
    let found = read(&folder.path("out")).sort(["n"], SortMultipleOptions::default()).unwrap();
    assert_eq!(found["n"].i64().unwrap().iter().flatten().sum::<i64>(), 8 * 100 + 28);
}
