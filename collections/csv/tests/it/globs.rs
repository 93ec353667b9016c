//! Patterns of paths.

use crate::support::Folder;
use taskweave_csv::{ErrorKind, Options, Source, glob};

fn folder() -> Folder {
    let folder = Folder::new();
    for name in [
        "b/1.csv",
        "b/2.csv",
        "b/deep/3.csv",
        "a/x[1].csv",
        "a/.hidden.csv",
        "a/10.csv",
        "a/9.CSV",
        "a/9.txt",
    ] {
        let path = folder.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        folder.write(name, "n\n1\n");
    }
    std::fs::create_dir_all(folder.path("a/folder.csv")).unwrap();
    std::fs::create_dir_all(folder.path("empty")).unwrap();
    folder
}

#[test]
fn patterns_give_files_in_the_order_of_their_names() {
    let folder = folder();
    let check = |pattern: &str, expected: &[&str]| {
        let found = glob(folder.path(pattern)).unwrap();
        let expected: Vec<_> = expected.iter().map(|name| folder.path(name)).collect();
        assert_eq!(found, expected, "{pattern}");
    };
    check("a/10.csv", &["a/10.csv"]);
    check("a/*.csv", &["a/10.csv", "a/x[1].csv"]);
    check("a/*.[cC][sS][vV]", &["a/10.csv", "a/9.CSV", "a/x[1].csv"]);
    check("a/?.*", &["a/9.CSV", "a/9.txt"]);
    check("a/[!0-8]*", &["a/9.CSV", "a/9.txt", "a/x[1].csv"]);
    check("*/1*.csv", &["a/10.csv", "b/1.csv"]);
    check("b/**/*.csv", &["b/1.csv", "b/2.csv", "b/deep/3.csv"]);
    check("**/3.csv", &["b/deep/3.csv"]);
    check("a/.*.csv", &["a/.hidden.csv"]);
    // A file of that name is not asked for its pattern, which would be `x1.csv`.
    check("a/x[1].csv", &["a/x[1].csv"]);
    let source = Source::open(glob(folder.path("b/*.csv")).unwrap(), Options::new()).unwrap();
    assert_eq!(source.files().len(), 2);
}

#[test]
fn patterns_that_match_nothing_say_what_is_there() {
    let folder = folder();
    let root = folder.path("");
    let root = root.display().to_string();
    let root = root.trim_end_matches('/');
    let check = |pattern: &str, kind: ErrorKind, expected: &str| {
        let path = folder.path(pattern);
        let error = glob(&path).unwrap_err();
        assert_eq!(error.kind(), kind);
        let expected = expected.replace("ROOT", root);
        assert_eq!(error.to_string(), format!("{}: {expected}", path.display()));
    };
    let io = ErrorKind::Io;
    check("c/*.csv", io, "there is no `c` in `ROOT`, which has `a`, `b`, `empty`");
    check(
        "b/*.tsv",
        io,
        "no file matches; they were looked for in `ROOT/b`, which has `1.csv`, `2.csv`, `deep`",
    );
    check(
        "a/1.csv",
        io,
        "there is no `1.csv` in `ROOT/a`, which has `.hidden.csv`, `10.csv`, `9.CSV`, `9.txt`, `folder.csv` and 1 more",
    );
    check("empty/*", io, "no file matches; they were looked for in `ROOT/empty`, which is empty");
    check("a", io, "is a folder: `ROOT/a/*` are the files in it");
    check(
        "a/x[",
        ErrorKind::Options,
        &format!("is no pattern, by its byte {}: invalid range pattern", root.len() + 4),
    );
    check(
        "a/***",
        ErrorKind::Options,
        &format!(
            "is no pattern, by its byte {}: wildcards are either regular `*` or recursive `**`",
            root.len() + 5
        ),
    );
}

#[cfg(unix)]
#[test]
fn names_that_are_no_utf_8_are_files_too() {
    use std::os::unix::ffi::OsStrExt;
    let folder = folder();
    let name = folder.path("b").join(std::ffi::OsStr::from_bytes(b"\xff.csv"));
    std::fs::write(&name, "n\n1\n").unwrap();
    // A pattern does not match them; their names do.
    assert_eq!(glob(folder.path("b/*.csv")).unwrap().len(), 2);
    assert_eq!(glob(&name).unwrap(), std::slice::from_ref(&name));
    std::fs::remove_file(&name).unwrap();
    let error = glob(&name).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Options);
    assert!(error.to_string().ends_with("a pattern is text in UTF-8: name such files one by one"));
}

#[test]
fn patterns_may_begin_in_the_current_folder() {
    for pattern in ["src/l*b.rs", "./src/l*b.rs", "src/./l*b.rs"] {
        let found = glob(pattern).unwrap();
        assert_eq!(found.len(), 1, "{pattern}");
        assert!(found[0].ends_with("src/lib.rs"), "{found:?}");
    }
    let error = glob("srx/*.rs").unwrap_err().to_string();
    let expected = "srx/*.rs: there is no `srx` in the current folder, which has `";
    assert!(error.starts_with(expected), "{error}");
}

#[cfg(unix)]
#[test]
fn folders_that_cannot_be_read_are_errors() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    let deep = folder.path("b/deep");
    let allow = |mode| std::fs::set_permissions(&deep, PermissionsExt::from_mode(mode)).unwrap();
    allow(0o000);
    // The administrator may read them all.
    if deep.read_dir().is_err() {
        let error = glob(folder.path("b/**/*.csv")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io);
        assert_eq!(
            folder.message(&error),
            "b/deep: cannot be read: Permission denied (os error 13)"
        );
    }
    allow(0o755);
}
