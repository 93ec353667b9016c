//! Several files, long ones, wide ones.

use crate::support::{Folder, read_all, rows, shown, whole};
use std::ops::ControlFlow;
use taskweave_csv::{ErrorKind, Options, Part, Source};

#[test]
fn every_file_is_sampled() {
    let folder = Folder::new();
    let paths = [folder.write("1.csv", "a,b\n1,\n"), folder.write("2.csv", "a,b\r\n2.5,x\r\n")];
    let source = Source::open(&paths, Options::new()).unwrap();
    assert_eq!(shown(&source).unwrap(), r#"a: Float64 [1, 2.5]; b: String [-, "x"]"#);
    assert_eq!(source.files().count(), 2);
    assert_eq!(source.parts(1).iter().map(Part::file).collect::<Vec<_>>(), [0, 1]);
}

#[test]
fn files_with_other_headers_are_named() {
    let folder = Folder::new();
    let first = folder.write("1.csv", "a,b\n1,2\n");
    let refuse = |header: &str, expected: &str| {
        let second = folder.write("2.csv", header);
        let error = Source::open([&first, &second], Options::new()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Header);
        let remedy = "read files with different headers as sources of their own";
        assert_eq!(folder.message(&error), format!("2.csv, {expected}: {remedy}"));
    };
    refuse("a,c\n", "column `c`: column 2 is `b` in 1.csv");
    refuse("b,a\n", "column `b`: column 1 is `a` in 1.csv");
    refuse("a\n", "column `b`: 1.csv has this column, and this file has not");
    refuse("a,b,c\n", "column `c`: this file has this column, and 1.csv has not");
}

#[test]
fn empty_files_among_others_have_no_rows() {
    let folder = Folder::new();
    let paths = ["", "a\n1\n", "a\n", ""]
        .iter()
        .enumerate()
        .map(|(at, text)| folder.write(&at.to_string(), text));
    let source = Source::open(paths.collect::<Vec<_>>(), Options::new().allow_empty(true)).unwrap();
    assert_eq!(shown(&source).unwrap(), "a: Int64 [1]");
    assert_eq!(source.read(&Part::new(0, 0, 0), &["a"]).unwrap().rows(), 0);
}

#[test]
fn long_files_are_sampled_to_the_end() {
    let folder = Folder::new();
    let mut text = "a,b\n".to_owned();
    for row in 0..200_000 {
        text += &format!("{row},\n");
    }
    text += "0.5,x\n";
    let source = Source::open([folder.write("x.csv", &text)], Options::new()).unwrap();
    assert_eq!(source.schema().to_string(), "a: Float64, b: String");
    let all = read_all(&source).unwrap();
    assert_eq!(all.len(), 200_001);
    assert_eq!(all[200_000], [Some("0.5".to_owned()), Some("x".to_owned())]);
    // Smaller than 64 KiB they are not.
    assert_eq!(source.parts(1).len(), text.len().div_ceil(64 << 10));
}

#[test]
fn ten_thousand_columns() {
    let folder = Folder::new();
    let line =
        |of: &dyn Fn(usize) -> String| (0..10_000).map(of).collect::<Vec<_>>().join(",") + "\n";
    let mut text = line(&|at| format!("c{at}"));
    for row in 0..5 {
        text += &line(&|at| (at * 10 + row).to_string());
    }
    let source = Source::open([folder.write("x.csv", &text)], Options::new()).unwrap();
    let part = whole(&source, 0);
    let columns = source.read(&part, &["c9999", "c0", "c5000"]).unwrap();
    let last = rows(&columns).pop().unwrap();
    assert_eq!(last, ["99994", "4", "50004"].map(|text| Some(text.to_owned())));
    assert_eq!(source.read(&part, &source.schema().names()).unwrap().rows(), 5);
}

#[test]
fn a_field_of_a_hundred_megabytes() {
    let folder = Folder::new();
    let mut text = b"a,b,c\n1,2,3\n4,\"".to_vec();
    let field = 100 << 20;
    text.resize(text.len() + field, b'\n');
    text.extend_from_slice(b"\",6\n7,x,9\n");
    let options = Options::new().sample_rows(0);
    let source = Source::open([folder.write("x.csv", &text)], options).unwrap();
    let columns = source.read(&whole(&source, 0), &["b", "c"]).unwrap();
    let texts = columns.by_name("b").unwrap().as_string().unwrap();
    assert_eq!(texts.get_bytes(1).map(<[u8]>::len), Some(field));
    assert_eq!((texts.get(0), texts.get(2)), (Some("2"), Some("x")));
    let last = columns.column(1).as_string().unwrap();
    assert_eq!(last.iter().flatten().collect::<Vec<_>>(), ["3", "6", "9"]);
    // From its midst on there is one more row.
    let length = text.len() as u64;
    let columns = source.read(&Part::new(0, length / 2, length), &["a"]).unwrap();
    assert_eq!(columns.column(0).as_string().unwrap().get(0), Some("7"));
    assert_eq!(columns.rows(), 1);
}

#[test]
fn without_columns_rows_are_counted() {
    let folder = Folder::new();
    let path = folder.write("x.csv", "a,b\n1,2\n\n3,4\n");
    let source = Source::open([path], Options::new()).unwrap();
    let columns = source.read(&whole(&source, 0), &[]).unwrap();
    assert_eq!((columns.rows(), columns.fields().len()), (2, 0));
}

#[test]
fn pieces_can_be_left_early() {
    let folder = Folder::new();
    let text = "a\n".to_owned() + &"1\n".repeat(1000) + "x\n";
    let options = Options::new().piece_bytes(10).sample_rows(10);
    let source = Source::open([folder.write("x.csv", text)], options).unwrap();
    let part = whole(&source, 0);
    let mut seen = 0;
    let head = |columns: &taskweave_csv::Columns| {
        seen += columns.rows();
        if seen < 20 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    source.read_pieces(&part, &["a"], head).unwrap();
    assert!((20..30).contains(&seen), "{seen}");
    let count = source
        .fold(
            &part,
            &["a"],
            || 0,
            |count, columns| {
                *count += columns.rows();
                if *count < 20 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            },
        )
        .unwrap();
    assert_eq!(count, seen);
    assert!(source.read(&part, &["a"]).is_err());
}
