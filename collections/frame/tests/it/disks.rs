//! Writing that comes to no end: no room in the middle of it, and a process that is killed. Nothing that is half written has the name of the
//! whole.
//!
//! In: writes by a child process, which is this test binary again; the shell that starts it sets a limit to the size of files, and a write
//! beyond it is an error, as on a full disk. Out: what the error says, and what is in the folder then.
//!
//! Not here: functions that fail, and names that are taken (`files`, `targets`).
#![cfg(unix)]

use crate::support::{Folder, first_of, is_error};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use taskweave_frame::prelude::*;
use taskweave_frame::{Error, ErrorKind};

/// What a child is to do, and in which folder.
const WHAT: &str = "TASKWEAVE_TEST_DISKS";
const WHERE: &str = "TASKWEAVE_TEST_FOLDER";
/// What it says when a part is written, and it may be killed.
const IN_THE_MIDDLE: &str = "in the middle of it";
/// No file may be longer, in units of 512 or 1024 bytes, as the shell has it.
const LIMIT: u64 = 64;

const WAYS: [&str; 5] = ["parquet", "csv", "hive", "parquet file", "csv file"];

/// Four partitions, each of them more than the limit, as text and as numbers that cannot be compressed.
fn rows() -> Frame {
    let mut state = 1_u64;
    let noise: Vec<i64> = (0..60_000)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state ^ (state >> 29)) as i64
        })
        .collect();
    let x: Vec<i32> = (0..60_000).collect();
    let key: Vec<i32> = (0..60_000).map(|row| row / 30_000).collect();
    Frame::from_polars(df!("x" => x, "key" => key, "noise" => noise).unwrap(), 4)
}

/// A write, by its name.
fn write(frame: &Frame, way: &str, path: &Path) -> Result<(), Error> {
    let written = match way {
        "parquet" => frame.to_parquet(path),
        "csv" => frame.to_csv(path),
        "hive" => frame.to_parquet_hive(path, "key"),
        "parquet file" => frame.to_parquet_file(path),
        "csv file" => frame.to_csv_file(path),
        _ => panic!("no way {way}"),
    };
    written.map(drop)
}

/// Not a test of its own: what the child process does.
#[test]
fn child() {
    let Ok(what) = std::env::var(WHAT) else { return };
    let folder = PathBuf::from(std::env::var_os(WHERE).unwrap());
    match what.split_once(": ").unwrap() {
        ("limited", way) => write_beyond_the_limit(way, &folder),
        (_, way) => {
            let waits = rows().map_partitions(|part| {
                if first_of(&part) == Some(45_000) {
                    println!("{IN_THE_MIDDLE}");
                    // Until it is killed, or the parent has ended.
                    std::io::stdin().read_line(&mut String::new()).unwrap();
                }
                Ok::<_, Error>(part)
            });
            write(&waits, way, &folder.join("out")).unwrap();
            panic!("nobody has killed it");
        }
    }
}

/// What was there stays as it was, and nothing else is in the folder.
fn write_beyond_the_limit(way: &str, folder: &Path) {
    let path = folder.join("out");
    let is_file = way.ends_with("file");
    if is_file {
        std::fs::write(&path, "old").unwrap();
    }
    let error = write(&rows(), way, &path).unwrap_err();
    let line = line!() - 1;
    is_error(&error, ErrorKind::Io, &["cannot write", "out", "File too large", "disks.rs"]);
    // Where it is called, in `write`.
    assert!(error.location().unwrap().line() < line, "{error}");
    let source = std::error::Error::source(&error).unwrap();
    let source = source.downcast_ref::<std::io::Error>().unwrap();
    assert_eq!(source.kind(), std::io::ErrorKind::FileTooLarge, "{error}");
    if is_file {
        assert_eq!(names(folder), ["out"]);
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        std::fs::remove_file(&path).unwrap();
    }
    assert!(names(folder).is_empty(), "{:?}", names(folder));
    // What is small enough is written all the same.
    write(&rows().filter(col("x").lt(100)), way, &path).unwrap();
    assert_eq!(names(folder), ["out"]);
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// This binary again, as `child`, behind some words of the shell.
fn start(before: &str, what: &str, folder: &Folder) -> Child {
    Command::new("sh")
        .args(["-c", &format!("{before} exec \"$0\" \"$@\"")])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "disks::child", "--nocapture", "--test-threads=1"])
        .env(WHAT, what)
        .env(WHERE, folder.path(""))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
fn a_full_disk_is_told_and_nothing_is_left() {
    // An ignored signal stays ignored: the write is an error instead.
    let before = format!("trap '' XFSZ; ulimit -f {LIMIT};");
    for way in WAYS {
        let folder = Folder::new();
        let done = start(&before, &format!("limited: {way}"), &folder).wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&done.stdout);
        let told = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success() && said.contains("1 passed"), "{way}: {said}{told}");
        assert_eq!(folder.names(""), ["out"], "{way}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_device_is_no_file() {
    let full = write(&rows(), "csv file", Path::new("/dev/full")).unwrap_err();
    is_error(&full, ErrorKind::Io, &["cannot write /dev/full", "no regular file"]);
    let full = write(&rows(), "parquet file", Path::new("/dev/full")).unwrap_err();
    is_error(&full, ErrorKind::Io, &["cannot write /dev/full", "no regular file"]);
}

#[test]
fn a_process_that_is_killed_leaves_nothing_that_looks_whole() {
    for way in WAYS {
        let folder = Folder::new();
        let mut child = start("", &format!("killed: {way}"), &folder);
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let is_there = lines.map_while(Result::ok).any(|line| line.contains(IN_THE_MIDDLE));
        assert!(is_there, "{way}: it has ended");
        child.kill().unwrap();
        child.wait().unwrap();
        // What is left has a name that readers pass over, and does not stand in the way of another try.
        let left = folder.names("");
        assert!(left.iter().all(|name| name.starts_with(".taskweave-")), "{way}: {left:?}");
        assert!(!left.is_empty(), "{way}: nothing was begun");
        for pattern in ["*", "*.csv", "*.parquet"] {
            assert!(Frame::read_csv(folder.path(pattern)).check().is_err(), "{way}");
        }
        let read = Frame::read_parquet(folder.path("")).check().unwrap_err();
        is_error(&read, ErrorKind::Io, &["no file named `*.parquet`"]);
        write(&rows(), way, &folder.path("out")).unwrap();
        let read = match way {
            "csv" => Frame::read_csv(folder.path("out/*.csv")),
            "csv file" => Frame::read_csv(folder.path("out")),
            _ => Frame::read_parquet(folder.path("out")),
        };
        assert_eq!(
            read.agg([len(), col("key").sum()]).compute().unwrap(),
            df!("len" => [60_000_u32], "key" => [30_000_i64]).unwrap(),
            "{way}"
        );
    }
}
