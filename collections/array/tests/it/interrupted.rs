//! Storing that comes to no end: a limit of the system in the middle, and a process that is killed. Nothing that is half written has the name of the whole.
//!
//! In: stores and spills in a child process, which is this test binary again, with a limit to the size of files, or until it says where it is. Out: what is in the folder then.
//!
//! Not here: what is refused before anything runs, and functions that fail (`storage`).
#![cfg(unix)]

use ndarray::{Ix1, Ix2};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use taskweave_array::{Array, Chunks, Error, ErrorKind, Spill};
use taskweave_runtime::InThread;

/// What a child is to do, and in which folder.
const WHAT: &str = "TASKWEAVE_TEST_INTERRUPTED";
const WHERE: &str = "TASKWEAVE_TEST_FOLDER";
/// What it says when a store has written a part, and it may be killed.
const IN_THE_MIDDLE: &str = "in the middle of it";
/// No file may have more bytes, once the limit is set.
const LIMIT: libc::rlim_t = 64 << 10;

/// From here on writing beyond the limit is an error of the process, `EFBIG`, and no signal: as a full disk is one.
fn limit_files() {
    let limit = libc::rlimit { rlim_cur: LIMIT, rlim_max: LIMIT };
    // SAFETY: the pointer is to a limit that lives, and ignoring a signal calls nothing of ours.
    unsafe {
        libc::signal(libc::SIGXFSZ, libc::SIG_IGN);
        assert_eq!(libc::setrlimit(libc::RLIMIT_FSIZE, &limit), 0);
    }
}

/// 80 rows of 8 KB, ten in a chunk, of blocks that are computed one after the other; at the fourth one `then` is called.
fn rows(then: impl Fn() + Send + Sync + 'static) -> Array<f64, Ix2> {
    let x =
        Array::<f64, Ix2>::from_fn([80, 1000], |[i, j]| (1000 * i + j) as f64).rechunk([10, 1000]);
    x.map_blocks(move |block, place| {
        if place.chunk[0] == 3 {
            then();
        }
        block.to_owned()
    })
}

/// A store, by its name.
#[track_caller]
fn store(x: &Array<f64, Ix2>, how: &str, path: &Path) -> Result<(), Error> {
    match how {
        "npy" => x.store_npy_on(path, &InThread),
        "raw" => x.store_raw_on(path, &InThread),
        "stack" => x.store_npy_stack_on(path, &InThread),
        _ => panic!("no store {how}"),
    }
}

/// Asserts that it is an error of the system's limit, at a line of this file.
#[track_caller]
fn is_limit(result: Result<(), Error>, line: u32, text: &str) {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io, "{error}");
    let location = error.location().unwrap();
    assert_eq!((location.file(), location.line()), (file!(), line), "{error}");
    assert!(error.to_string().contains(text), "{error}");
    let source = std::error::Error::source(&error).unwrap();
    let source = source.downcast_ref::<std::io::Error>().unwrap();
    assert_eq!(source.raw_os_error(), Some(libc::EFBIG), "{error}");
}

/// Not a test of its own: what the child process does.
#[test]
fn child() {
    let Ok(what) = std::env::var(WHAT) else { return };
    let folder = PathBuf::from(std::env::var_os(WHERE).unwrap());
    match what.split_once(' ').unwrap() {
        ("limited", "spill") => spills_beyond_the_limit(&folder),
        ("limited", how) => stores_beyond_the_limit(how, &folder),
        (_, how) => {
            let waits = rows(|| {
                println!("{IN_THE_MIDDLE}");
                // Until it is killed, or the parent has ended.
                std::io::stdin().read_line(&mut String::new()).unwrap();
            });
            store(&waits, how, &folder.join("x")).unwrap();
            panic!("nobody has killed it");
        }
    }
}

/// Stores against the limit, which comes in the middle of the first one, and stays. What the target was before stays as it was, and nothing else is in the folder.
fn stores_beyond_the_limit(how: &str, folder: &Path) {
    let path = folder.join("x");
    let shown = path.display();
    let (written, lengthened) = match how {
        "npy" => ("80000 bytes at 240128 of {}", "{} 640128 bytes"),
        "raw" => ("80000 bytes at 240000 of {}", "{} 640000 bytes"),
        _ => ("80000 bytes at 128 of {}/3.npy", "{}/0.npy 80128 bytes"),
    };
    let told = |text: &str| text.replace("{}", &shown.to_string());
    let is_file = how != "stack";
    if is_file {
        fs::write(&path, "old").unwrap();
    }
    let (stored, line) = (store(&rows(limit_files), how, &path), line!());
    is_limit(stored, line, &format!("cannot write {}: ", told(written)));
    if is_file {
        assert_eq!(names(folder), ["x"]);
        assert_eq!(fs::read(&path).unwrap(), b"old");
        fs::remove_file(&path).unwrap();
    }
    assert!(names(folder).is_empty(), "{:?}", names(folder));
    let (stored, line) = (store(&rows(|| ()), how, &path), line!());
    is_limit(stored, line, &format!("cannot make {} long: ", told(lengthened)));
    // A folder is gone with the files in it that are whole.
    let uneven = rows(|| ()).rechunk(Chunks::lengths([vec![2, 2, 76], vec![1000]]));
    is_limit(uneven.store_npy_stack(&path), line!(), "x/2.npy 608128 bytes long: ");
    assert!(names(folder).is_empty(), "{:?}", names(folder));
    // What is small enough is written all the same.
    Array::from(vec![1.0, 2.0]).store_npy(&path).unwrap();
    assert_eq!(names(folder), ["x"]);
}

/// Temporary files are written by tasks, and have no name.
fn spills_beyond_the_limit(folder: &Path) {
    let spill = || Spill::beyond(0).folder(folder);
    let text = format!(" of a temporary file in {}: ", folder.display());
    let (columns, line) = (rows(limit_files).rechunk_within([80, 100], spill()), line!());
    let of_columns = columns.map_blocks(|block, _| block.to_owned());
    is_limit(of_columns.compute().map(|_| ()), line, &text);
    assert!(names(folder).is_empty(), "{:?}", names(folder));
    let (spilled, line) = (rows(|| ()).spill(spill()), line!());
    let far = (&spilled - spilled.mean()).abs().max();
    is_limit(far.compute().map(|_| ()), line, &text);
    assert!(names(folder).is_empty(), "{:?}", names(folder));
}

/// What is in a folder, sorted.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// A folder that is gone when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let name = format!("taskweave-interrupted-{name}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).unwrap();
        Folder(path.canonicalize().unwrap())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn in_child(what: &str, folder: &Folder) -> Command {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "interrupted::child", "--nocapture"]);
    child.env(WHAT, what).env(WHERE, &folder.0);
    child
}

#[test]
fn a_limit_in_the_middle_of_a_store_is_an_error_and_nothing_is_left() {
    for how in ["npy", "raw", "stack", "spill"] {
        let folder = Folder::new(&format!("limited-{how}"));
        let output = in_child(&format!("limited {how}"), &folder).output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{how}: {text}");
        assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"), "{how}: {text}");
    }
}

#[test]
fn a_process_that_is_killed_in_the_middle_of_a_store_leaves_the_old_file_or_none() {
    for (how, is_there) in
        [("npy", false), ("npy", true), ("raw", false), ("raw", true), ("stack", false)]
    {
        let folder = Folder::new(&format!("killed-{how}-{is_there}"));
        let path = folder.0.join("x");
        let old = Array::from(vec![1.0, 2.0, 3.0]);
        if is_there {
            old.store_npy(&path).unwrap();
        }
        let mut child = in_child(&format!("killed {how}"), &folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let is_told = lines.map_while(Result::ok).any(|line| line.contains(IN_THE_MIDDLE));
        child.kill().unwrap();
        let status = child.wait().unwrap();
        assert!(is_told && status.code().is_none(), "{how}: {status}");
        // What was being written lies beside it, under a name that says so, and may be removed.
        let (left, others): (Vec<_>, Vec<_>) =
            names(&folder.0).into_iter().partition(|name| name.starts_with(".taskweave-"));
        assert!(left.len() == 1 && left[0].ends_with(".tmp"), "{how}: {left:?}");
        match is_there {
            true => {
                assert_eq!(others, ["x"], "{how}");
                let stored = Array::<f64, Ix1>::from_npy(&path).compute().unwrap();
                assert_eq!(stored, old.compute().unwrap(), "{how}");
            }
            false => assert!(others.is_empty(), "{how}: {others:?}"),
        }
        // And it is in nobody's way.
        if !is_there {
            store(&rows(|| ()), how, &path).unwrap();
            assert!(path.exists() && names(&folder.0).len() == 2, "{how}: {:?}", names(&folder.0));
        }
    }
}
