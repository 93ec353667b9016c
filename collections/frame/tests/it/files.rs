//! Files: what is written is what is read, however it is cut.

use crate::support::{
    Folder, Random, assert_same, computed, first_of, framed, kept, refused, table, ticks,
};
use std::io::Write;
use taskweave_frame::polars_core::prelude::{IntoColumn, NamedFrom};
use taskweave_frame::prelude::*;
use taskweave_frame::{CsvWriteOptions, ErrorKind, ParquetWriteOptions};

/// A table of texts that CSV has to quote, and of what else it can have.
fn rows(random: &mut Random, height: usize) -> DataFrame {
    const TEXTS: [&str; 8] = [
        "plain",
        "with, comma",
        "with \"quotes\"",
        "two\nlines",
        "",
        " blank ",
        "ä, ö\r\n\"",
        "\"\"",
    ];
    let texts: Vec<Option<&str>> = (0..height)
        .map(|_| if random.once_in(5) { None } else { Some(TEXTS[random.below(8)]) })
        .collect();
    let mut rows = table(random, height).select(["n", "i", "f", "g", "b", "d", "at", "s"]).unwrap();
    rows.with_column(Series::new("text".into(), texts).into_column()).unwrap();
    rows
}

fn options(partition_bytes: u64) -> CsvOptions {
    CsvOptions::new()
        .partition_bytes(partition_bytes)
        .declare("i", DataType::Int64)
        .declare("f", DataType::Float64)
        .declare("b", DataType::Boolean)
        .declare("d", DataType::Date)
        .declare("at", DataType::Datetime(TimeUnit::Microseconds, None))
        .declare("s", DataType::String)
        .declare("text", DataType::String)
}

#[test]
fn what_is_written_as_csv_is_read_again() {
    for seed in 0..10 {
        let random = &mut Random::new(seed);
        let height = 1 + random.below(60);
        let rows = rows(random, height);
        let folder = Folder::new();
        let frame = framed(random, &rows);
        let written = frame.to_csv(folder.path("csv")).unwrap();
        assert_eq!(written.rows(), height as u64, "seed {seed}");
        assert_eq!(written.files(), frame.partitions() as u64, "seed {seed}");
        for partition_bytes in [1, 1 << 20] {
            let read = Frame::read_csv_with(folder.path("csv/*.csv"), options(partition_bytes));
            let what =
                format!("seed {seed}, {partition_bytes} bytes, {} partitions", read.partitions());
            assert_same(&computed(&read).unwrap(), &rows, &what);
            // Whatever is asked for, the rows are those.
            assert_same(
                &computed(&read.select(["text", "n"])).unwrap(),
                &rows.select(["text", "n"]).unwrap(),
                &what,
            );
            let counted = computed(&read.agg([len()])).unwrap();
            assert_eq!(counted, df!("len" => [height as u32]).unwrap(), "{what}");
            assert_same(&read.head(3).unwrap(), &rows.head(Some(3)), &what);
            let n = ticks(&rows, "n");
            let some = kept(&rows, |row| n[row].unwrap() % 3 == 0).select(["text"]).unwrap();
            assert_same(
                &computed(&read.filter((col("n") % 3).eq(0)).select("text")).unwrap(),
                &some,
                &what,
            );
            let summed = read.with_columns([col("n").cum_sum().alias("sum")]).select("sum");
            let last = computed(&summed).unwrap().tail(Some(1));
            assert_eq!(ticks(&last, "sum"), [n.iter().copied().sum()], "{what}");
        }
    }
}

/// Files are cut into no less than 64 KiB.
#[test]
fn partitions_begin_within_files() {
    for seed in 0..3 {
        let random = &mut Random::new(seed);
        let rows = rows(random, 4_000);
        let folder = Folder::new();
        Frame::from_polars(rows.clone(), 2).to_csv(folder.path("csv")).unwrap();
        let read = Frame::read_csv_with(folder.path("csv/*.csv"), options(1));
        assert!(read.partitions() >= 4, "{}", read.partitions());
        let what = format!("seed {seed}, {} partitions", read.partitions());
        assert_same(&computed(&read).unwrap(), &rows, &what);
        let text = computed(&read.select("text")).unwrap();
        assert_same(&text, &rows.select(["text"]).unwrap(), &what);
        assert_eq!(
            computed(&read.agg([len()])).unwrap(),
            df!("len" => [4_000_u32]).unwrap(),
            "{what}"
        );
        assert_same(&read.tail(2_500).unwrap(), &rows.tail(Some(2_500)), &what);
        let shifted = computed(&read.select([col("n").shift(1_500)])).unwrap();
        let expected =
            rows.column("n").unwrap().as_materialized_series().shift(1_500).into_column();
        assert_same(&shifted, &DataFrame::new(4_000, vec![expected]).unwrap(), &what);
    }
}

#[test]
fn other_dialects_are_written_and_read() {
    let random = &mut Random::new(1);
    let rows = rows(random, 40);
    let folder = Folder::new();
    let how = CsvWriteOptions::new().separator(b';').null_value("NA").has_header(false);
    framed(random, &rows).to_csv_with(folder.path("csv"), how).unwrap();
    let names = ["n", "i", "f", "g", "b", "d", "at", "s", "text"];
    let mut options = CsvOptions::new()
        .delimiter(b';')
        .null_values(["NA"])
        .has_header(false)
        .partition_bytes(100);
    for (at, name) in names.iter().enumerate() {
        options = options
            .declare(format!("column_{}", at + 1), rows.column(name).unwrap().dtype().clone());
    }
    let read = Frame::read_csv_with(folder.path("csv/*.csv"), options);
    let read = read
        .rename(names.iter().enumerate().map(|(at, name)| (format!("column_{}", at + 1), *name)));
    assert_same(&computed(&read).unwrap(), &rows, "semicolons");
}

#[test]
fn types_are_found_in_every_file() {
    let folder = Folder::new();
    folder.write("1.csv", "a,b,day\n1,2,2013-01-01\n,3,\n");
    folder.write("2.csv", "a,b,day\n1.5,x,2013-01-02\n");
    folder.write("3.csv", "a,b,day\n");
    let read = Frame::read_csv_with(folder.path("*.csv"), CsvOptions::new().try_parse_dates(true));
    let day = Series::new("day".into(), [Some("2013-01-01"), None, Some("2013-01-02")])
        .cast(&DataType::Date)
        .unwrap();
    let mut expected = df!("a" => [Some(1.0), None, Some(1.5)], "b" => ["2", "3", "x"]).unwrap();
    expected.with_column(day.into_column()).unwrap();
    assert_same(&computed(&read).unwrap(), &expected, "three files");
    // Only the headers, of one file and of all.
    let none = Frame::read_csv(folder.path("3.csv"));
    assert_eq!(computed(&none).unwrap().height(), 0);
    assert_eq!(none.columns(), ["a", "b", "day"]);
    assert_eq!(computed(&none.agg([len()])).unwrap(), df!("len" => [0_u32]).unwrap());
}

#[test]
fn compressed_files_are_read_whole() {
    let folder = Folder::new();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let text: String = (0..3_000).map(|row| format!("{row},\"text {row}\"\n")).collect();
    encoder.write_all(format!("a,b\n{text}").as_bytes()).unwrap();
    let bytes = encoder.finish().unwrap();
    folder.write("x.csv.gz", &bytes);
    let read =
        Frame::read_csv_with(folder.path("x.csv.gz"), CsvOptions::new().partition_bytes(100));
    assert_eq!(read.partitions(), 1);
    let sums = computed(&read.agg([col("a").sum(), col("b").n_unique(), len()])).unwrap();
    assert_eq!(
        sums,
        df!("a" => [4_498_500_i64], "b" => [3_000_u32], "len" => [3_000_u32]).unwrap()
    );
    let cut = folder.write("cut.csv.gz", &bytes[..bytes.len() - 20]);
    refused(&Frame::read_csv(cut).agg([len()]), ErrorKind::Format, &["cut.csv.gz", "cut off"]);
}

#[test]
fn what_is_written_as_parquet_is_read_again() {
    for seed in 0..10 {
        let random = &mut Random::new(seed);
        let height = random.below(80);
        let rows = table(random, height);
        let folder = Folder::new();
        let frame = framed(random, &rows);
        let how = ParquetWriteOptions::new().row_group_rows(1 + random.below(30));
        let written = frame.to_parquet_with(folder.path("parquet"), how).unwrap();
        assert_eq!(written.rows(), height as u64, "seed {seed}");
        let read = Frame::read_parquet(folder.path("parquet"));
        let what = format!("seed {seed}");
        assert_same(&computed(&read).unwrap(), &rows, &what);
        assert_same(
            &computed(&read.select(["l", "t", "d"])).unwrap(),
            &rows.select(["l", "t", "d"]).unwrap(),
            &what,
        );
        assert_eq!(
            computed(&read.agg([len()])).unwrap(),
            df!("len" => [height as u32]).unwrap(),
            "{what}"
        );
        // What statistics let be passed over is what the filter leaves out.
        let (n, i) = (ticks(&rows, "n"), ticks(&rows, "i"));
        for limit in [-1, 0, 10, 50, 100] {
            let of = |is_in: &dyn Fn(usize) -> bool| kept(&rows, is_in);
            let what = format!("seed {seed}, {limit}");
            assert_same(
                &computed(&read.filter(col("n").gt(limit))).unwrap(),
                &of(&|r| n[r] > Some(limit)),
                &what,
            );
            assert_same(
                &computed(&read.filter(col("n").lt_eq(limit)).select("s")).unwrap(),
                &of(&|r| n[r] <= Some(limit)).select(["s"]).unwrap(),
                &what,
            );
            assert_same(
                &computed(&read.filter(col("n").eq(limit))).unwrap(),
                &of(&|r| n[r] == Some(limit)),
                &what,
            );
            assert_same(
                &computed(&read.filter(col("i").neq(0).and(col("n").lt(limit)))).unwrap(),
                &of(&|r| i[r].is_some_and(|v| v != 0) && n[r] < Some(limit)),
                &what,
            );
        }
        let texts: Vec<Option<String>> =
            rows.column("t").unwrap().str().unwrap().iter().map(|v| v.map(str::to_owned)).collect();
        let found = computed(&read.filter(col("t").gt("exactly 12 b"))).unwrap();
        assert_same(
            &found,
            &kept(&rows, |r| texts[r].as_deref().is_some_and(|t| t > "exactly 12 b")),
            &what,
        );
        let f = crate::support::floats(&rows, "f");
        let found = computed(&read.filter(col("f").gt(1.0))).unwrap();
        // NaN is greater than all, as in polars.
        assert_same(&found, &kept(&rows, |r| f[r].is_some_and(|v| v > 1.0 || v.is_nan())), &what);
        let found = computed(&read.filter(col("f").eq(0.0))).unwrap();
        assert_same(&found, &kept(&rows, |r| f[r] == Some(0.0)), &what);
        let found = computed(&read.filter(col("b").eq(true))).unwrap();
        let b: Vec<Option<bool>> = rows.column("b").unwrap().bool().unwrap().iter().collect();
        assert_same(&found, &kept(&rows, |r| b[r] == Some(true)), &what);
    }
}

#[test]
fn folders_named_after_values_hold_their_rows() {
    for seed in 0..5 {
        let random = &mut Random::new(seed);
        let rows = table(random, 40).select(["n", "s", "k", "g"]).unwrap();
        let folder = Folder::new();
        let frame = framed(random, &rows);
        frame.to_parquet_hive(folder.path("hive"), ["s", "k"]).unwrap();
        let read = Frame::read_parquet(folder.path("hive"));
        let mut names = read.columns();
        names.sort();
        assert_eq!(names, ["g", "k", "n", "s"], "seed {seed}");
        let found =
            computed(&read.select(["n", "s", "k", "g"]).cast([("k", DataType::Int8)]).sort("n"))
                .unwrap();
        assert_same(&found, &rows, &format!("seed {seed}"));
        let some = computed(&read.filter(col("s").eq("k1")).sort("n").select("n")).unwrap();
        let s: Vec<Option<String>> =
            rows.column("s").unwrap().str().unwrap().iter().map(|v| v.map(str::to_owned)).collect();
        let expected = kept(&rows, |r| s[r].as_deref() == Some("k1")).select(["n"]).unwrap();
        assert_same(&some, &expected, &format!("seed {seed}"));
    }
}

#[test]
fn writing_that_fails_leaves_nothing() {
    let folder = Folder::new();
    let frame = Frame::from_polars(df!("x" => [1, 2, 3, 4], "y" => [1, 1, 2, 2]).unwrap(), 4);
    let failing = frame.map_partitions(|part| match first_of(&part) {
        Some(4) => Err("the last one fails"),
        _ => Ok(part),
    });
    for done in [
        failing.to_parquet(folder.path("out")),
        failing.to_csv(folder.path("out")),
        failing.to_parquet_hive(folder.path("out"), "y"),
    ] {
        crate::support::is_error(&done.unwrap_err(), ErrorKind::Task, &["the last one fails"]);
        assert!(folder.names("").is_empty(), "{:?}", folder.names(""));
    }
    // What is there is not written over.
    frame.to_parquet(folder.path("out")).unwrap();
    let before = folder.names("out");
    let again = frame.to_parquet(folder.path("out")).unwrap_err();
    crate::support::is_error(&again, ErrorKind::Io, &["out"]);
    assert_eq!(folder.names("out"), before);
    assert_eq!(
        before,
        ["part-00000.parquet", "part-00001.parquet", "part-00002.parquet", "part-00003.parquet"]
    );
}

#[test]
fn frames_of_no_rows_are_written_and_read() {
    let folder = Folder::new();
    let empty = Frame::from_polars(df!("x" => [1_i64], "t" => ["a"]).unwrap().clear(), 1);
    empty.to_parquet(folder.path("parquet")).unwrap();
    let read = Frame::read_parquet(folder.path("parquet"));
    assert_same(&computed(&read).unwrap(), &empty.compute().unwrap(), "parquet");
    assert_eq!(computed(&read.sum()).unwrap(), df!("x" => [0_i64]).unwrap());
    empty.to_csv(folder.path("csv")).unwrap();
    let read = Frame::read_csv(folder.path("csv/*.csv"));
    assert_eq!(read.columns(), ["x", "t"]);
    assert_eq!(computed(&read).unwrap().height(), 0);
}

#[test]
fn rows_of_csv_files_that_filters_let_through_are_those_of_memory() {
    let folder = Folder::new();
    for seed in 0..20 {
        let random = &mut Random::new(seed);
        let count = 200 + random.below(3000);
        let numbers: Vec<Option<i64>> =
            (0..count).map(|_| (random.below(9) > 0).then(|| random.below(100) as i64)).collect();
        let texts: Vec<String> =
            (0..count).map(|_| format!("text, {}", random.below(50))).collect();
        let places: Vec<i64> = (0..count as i64).collect();
        let rows = df!("n" => numbers, "s" => texts, "place" => places).unwrap();
        let path = folder.path(format!("{seed}.csv"));
        Frame::from_polars(rows.clone(), 1).to_csv_file(&path).unwrap();
        let options = CsvOptions::new().declare("n", DataType::Int32).partition_bytes(1);
        let (limit, word) = (random.below(110) as i64, format!("text, {}", random.below(50)));
        let conditions = [
            col("n").gt(limit),
            col("n").lt(limit).and(col("s").neq(word.as_str())),
            col("n").is_null().or(col("s").eq(word.as_str())),
        ];
        for (at, condition) in conditions.into_iter().enumerate() {
            let of = |frame: &Frame| {
                let some = frame.filter(condition.clone());
                match at {
                    0 => some.select(["place", "s"]),
                    1 => some.filter(col("place").gt(40)).with_columns(col("place") * 2),
                    _ => some.group_by("s").agg([col("place").sum(), len()]),
                }
            };
            let found = computed(&of(&Frame::read_csv_with(&path, options.clone()))).unwrap();
            let memory = Frame::from_polars(rows.clone(), 3).cast([("n", DataType::Int32)]);
            let expected = of(&memory).compute().unwrap();
            assert_same(&found, &expected, &format!("seed {seed}, condition {at}"));
        }
    }
}

#[test]
fn what_is_wrong_where_a_filter_lets_nothing_through_is_not_seen() {
    let folder = Folder::new();
    let path = folder.write("rows.csv", "k,n\na,1\nb,x\na,3\n");
    let options = CsvOptions::new().declare("n", DataType::Int64);
    let frame = Frame::read_csv_with(&path, options);
    let sum = |key: &str| frame.filter(col("k").eq(key)).agg([col("n").sum()]).compute();
    assert_eq!(sum("a").unwrap(), df!("n" => [4_i64]).unwrap());
    let error = sum("b").unwrap_err();
    assert!(error.to_string().contains("rows.csv") && error.to_string().contains('3'), "{error}");
    // What is wrong with the filter is told by the filter.
    let right = Frame::read_csv(folder.write("right.csv", "k,n\na,1\n"));
    let error = right.filter((col("k").cast(DataType::Int64)).gt(1)).compute().unwrap_err();
    assert!(error.to_string().contains("filter"), "{error}");
}
