//! Files that are not there or not what they were, columns and parts that are not.

use crate::support::{Folder, check_error, check_with, read_all, whole};
use taskweave_csv::{DataType, ErrorKind, Options, Part, Source};

#[test]
fn empty_files_are_errors_or_have_no_rows() {
    let message = "x.csv: has no record, not even a header: leave it out, or take it for a file without rows with `allow_empty(true)`";
    for text in ["", "\n", "\n\r\n\n", "\u{feff}"] {
        check_error(text, Options::new(), message);
        check_with(text, Options::new().allow_empty(true), "");
    }
    check_error("a,b\n", Options::new().skip_rows(1), message);
    check_error("# a", Options::new().comment_prefix("#"), message);
    let options = Options::new().allow_empty(true).declare("a", DataType::Int64);
    check_with("", options, "a: Int64 []");
}

#[test]
fn a_header_alone_has_no_rows() {
    for text in ["a,b", "a,b\n", "a,b\r\n\n"] {
        check_with(text, Options::new(), "a: Null []; b: Null []");
        check_with(text, Options::new().declare("b", DataType::String), "a: Null []; b: String []");
    }
}

#[test]
fn names_that_come_twice_are_errors_or_renamed() {
    check_error(
        "a,b,a\n1,2,3\n",
        Options::new(),
        "x.csv:1, column `a`: the header has this name twice: change it, or read the file with `rename_duplicates(true)`",
    );
    check_with(
        "a,a,a_duplicated_0,a\n1,2,3,4\n",
        Options::new().rename_duplicates(true),
        "a: Int64 [1]; a_duplicated_1: Int64 [2]; a_duplicated_0: Int64 [3]; a_duplicated_2: Int64 [4]",
    );
}

#[test]
fn files_that_are_not_there_are_named() {
    let folder = Folder::new();
    let path = folder.write("gone.csv", "a\n1\n");
    let source = Source::open([&path], Options::new()).unwrap();
    let part = whole(&source, 0);
    std::fs::remove_file(&path).unwrap();
    let error = source.read(&part, &["a"]).unwrap_err();
    assert_eq!((error.kind(), error.file()), (ErrorKind::Io, Some(path.as_path())));
    assert!(std::error::Error::source(&error).is_some());
    let message = folder.message(&error);
    assert!(message.starts_with("gone.csv: cannot be opened: "), "{message}");
    let error = Source::open([path.parent().unwrap()], Options::new()).unwrap_err();
    assert!(error.to_string().ends_with("is a folder: name the files in it"), "{error}");
    if cfg!(unix) {
        let error = Source::open(["/dev/null"], Options::new()).unwrap_err();
        assert!(error.to_string().contains("is a pipe or a device"), "{error}");
    }
    let error = Source::open(Vec::<String>::new(), Options::new()).unwrap_err();
    assert_eq!(error.to_string(), "there is no file to read: name at least one");
}

#[test]
fn files_that_have_changed_are_errors() {
    let folder = Folder::new();
    let path = folder.write("x.csv", "a\n1\n2\n");
    let source = Source::open([&path], Options::new()).unwrap();
    let part = whole(&source, 0);
    folder.write("x.csv", "a\n1\n");
    let error = source.read(&part, &["a"]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Changed);
    assert_eq!(
        folder.message(&error),
        "x.csv: has changed since the source was opened: open it again"
    );
}

#[test]
fn parts_that_are_none_are_refused() {
    let folder = Folder::new();
    let source = Source::open([folder.write("x.csv", "a\n1\n")], Options::new()).unwrap();
    let refuse = |part: Part, expected: &str| {
        let error = source.read(&part, &["a"]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Part);
        assert_eq!(folder.message(&error), expected);
    };
    refuse(Part::new(1, 0, 4), "the part is of file 1, and there are 1");
    refuse(Part::new(0, 3, 2), "x.csv: there are no bytes 3..2: the file has 4");
    refuse(Part::new(0, 0, 5), "x.csv: there are no bytes 0..5: the file has 4");
    let error = source.read(&Part::new(0, 0, 4), &["a", "z"]).unwrap_err();
    assert_eq!(error.to_string(), "there is no column `z`: the columns are `a`");
}

#[test]
fn lines_are_counted_in_the_file_not_in_the_part() {
    let folder = Folder::new();
    let rows: String = (0..1000).map(|row| format!("{row},\"x\n\"\n")).collect();
    let text = format!("a,b\n{rows}x,y\n");
    let options = Options::new().declare("a", DataType::Int64).piece_bytes(100);
    let source = Source::open([folder.write("x.csv", &text)], options).unwrap();
    let length = text.len() as u64;
    for from in [0, length / 2, length - 4] {
        let error = source.read(&Part::new(0, from, length), &["a"]).unwrap_err();
        assert_eq!((error.line(), error.column()), (Some(2002), Some("a")), "{from}");
    }
    // Who does not ask for the column is not told.
    assert_eq!(source.read(&Part::new(0, 0, length), &["b"]).unwrap().rows(), 1001);
    assert!(read_all(&source).is_err());
}
