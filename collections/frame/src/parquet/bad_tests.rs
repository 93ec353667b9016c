//! Files that are no Parquet, or not whole, or not alike: an error that names them, and never a panic.

use super::tests::{Folder, all, frame, said, small};
use super::*;
use crate::error::ErrorKind;
use polars_core::prelude::*;
use std::fs;
use std::path::Path;

fn open(paths: &[&Path]) -> Result<ParquetSource, crate::error::Error> {
    ParquetSource::open(paths, small())
}

#[test]
fn what_is_no_parquet_file_is_said_to_be_what_it_is() {
    let folder = Folder::new("no-parquet");
    let say = |bytes: &[u8]| {
        let path = folder.0.join("a.parquet");
        fs::write(&path, bytes).unwrap();
        let (kind, message) = said(open(&[&path]));
        let message = message.strip_prefix(&*path.to_string_lossy()).unwrap().to_owned();
        (kind, message)
    };
    let format = |message: &str| (ErrorKind::Format, message.to_owned());
    assert_eq!(
        say(b""),
        format(" is empty, which no Parquet file is: remove it, or write it anew")
    );
    assert_eq!(
        say(b"carrier,delay\nUA,3\n"),
        format(
            " is no Parquet file: it begins with `carrier,delay\\nUA`: a text file is read with `read_csv`"
        )
    );
    assert_eq!(say(&[0, 1, 2]), format(" is no Parquet file: it begins with `\\x00\\x01\\x02`"));
    assert_eq!(say(b"PAR1").0, ErrorKind::Format);
    assert!(say(b"PAR1abc").1.contains("is cut off"));
    assert!(say(b"PAR1\0\0\0\0PAR1").1.contains("is damaged"));
    assert!(say(b"PAR1\xff\xff\xff\xffPAR1").1.contains("is damaged"));
    assert_eq!(say(b"PARE\0\0\0\0PARE").0, ErrorKind::NotYet);
    let (kind, message) = said(open(&[&folder.0.join("b.parquet")]));
    assert_eq!(kind, ErrorKind::Io);
    assert!(message.starts_with("cannot open ") && message.contains("b.parquet"), "{message}");
    assert_eq!(said(open(&[])).0, ErrorKind::Value);
}

#[test]
fn a_folder_without_parquet_files_is_an_error() {
    let folder = Folder::new("no-files");
    fs::write(folder.0.join("a.csv"), "x\n").unwrap();
    fs::write(folder.0.join(".b.parquet"), "x\n").unwrap();
    fs::write(folder.0.join("_c.parquet"), "x\n").unwrap();
    let (kind, message) = said(open(&[&folder.0]));
    assert_eq!(kind, ErrorKind::Io);
    assert!(message.contains("has no file named `*.parquet`"), "{message}");
}

#[test]
fn files_with_other_columns_are_named_with_both_types() {
    let folder = Folder::new("schemas");
    let first = folder.write("a.parquet", &frame(0, 10), 10);
    let mut other = frame(0, 10);
    let texts = other.column("half").unwrap().cast(&DataType::String).unwrap();
    other.with_column(texts).unwrap();
    let second = folder.write("b.parquet", &other, 10);
    let (kind, message) = said(open(&[&first, &second]));
    assert_eq!(kind, ErrorKind::Schema);
    let (a, b) = (first.display(), second.display());
    assert_eq!(
        message,
        format!(
            "{b}: column `half` is String, and Float64 in {a}: read them as frames of their own, and cast one"
        )
    );

    let second = folder.write("b.parquet", &frame(0, 10).drop("half").unwrap(), 10);
    let (kind, message) = said(open(&[&first, &second]));
    assert_eq!(kind, ErrorKind::Schema);
    assert!(
        message.starts_with(&format!("{b}: there is no column `half`, which {a} has")),
        "{message}"
    );
    let message = said(open(&[&second, &first])).1;
    assert!(message.starts_with(&format!("{a}: column `half` is not in {b}")), "{message}");

    let options = small().allow_missing_columns(true);
    let source = ParquetSource::open(&[&first, &second], options).unwrap();
    let read = all(&source, None, &[]).unwrap();
    assert_eq!((read.height(), read.column("half").unwrap().null_count()), (20, 10));

    // The order does not count.
    let turned = frame(10, 10).select(["name", "half", "moment", "day", "n"]).unwrap();
    let second = folder.write("b.parquet", &turned, 10);
    assert!(
        all(&open(&[&first, &second]).unwrap(), None, &[]).unwrap().equals_missing(&frame(0, 20))
    );
}

#[test]
fn a_file_that_has_changed_is_an_error() {
    let folder = Folder::new("changed");
    let path = folder.write("a.parquet", &frame(0, 10), 10);
    let source = open(&[&path]).unwrap();
    folder.write("a.parquet", &frame(0, 11), 11);
    let (kind, message) = said(all(&source, None, &[]));
    assert_eq!(kind, ErrorKind::Io);
    assert!(message.ends_with("has changed since it was opened: open it again"), "{message}");
    fs::remove_file(&path).unwrap();
    assert!(said(all(&source, None, &[])).1.starts_with("cannot open "));
}

#[test]
fn a_file_cut_off_anywhere_is_an_error() {
    let folder = Folder::new("cut");
    let whole = fs::read(folder.write("a.parquet", &frame(0, 100), 50)).unwrap();
    let path = folder.0.join("b.parquet");
    for length in 0..whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        let (kind, message) = said(open(&[&path]));
        assert_eq!(kind, ErrorKind::Format, "{length}: {message}");
        assert!(message.contains("b.parquet"), "{message}");
    }
    // Without a piece in the middle both ends are right.
    let mut shorter = whole.clone();
    shorter.drain(100..200);
    fs::write(&path, &shorter).unwrap();
    let (kind, message) = said(open(&[&path]).and_then(|source| all(&source, None, &[])));
    assert_eq!(kind, ErrorKind::Format);
    assert!(message.contains(" is damaged: "), "{message}");
}

/// Each byte of a file is changed: what is read is the file's rows, other rows, or an error; nothing else happens.
#[test]
fn a_damaged_byte_is_never_more_than_an_error() {
    let folder = Folder::new("damaged");
    let rows = frame(0, 20).select(["n", "name"]).unwrap();
    let whole = fs::read(folder.write("a.parquet", &rows, 20)).unwrap();
    let path = folder.0.join("b.parquet");
    let mut errors = 0;
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= [0xff, 0x01, 0x80, 0x10][at % 4];
        fs::write(&path, &bytes).unwrap();
        let found = open(&[&path]).and_then(|source| all(&source, None, &[]));
        if let Err(error) = found {
            errors += 1;
            let is_named = error.message().contains("b.parquet");
            assert!(is_named, "byte {at}: {}", error.message());
        }
    }
    assert!(errors > whole.len() / 4, "{errors} of {}", whole.len());
}
