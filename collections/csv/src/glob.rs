//! Patterns of paths, as shells have them.
//!
//! In: `data/flights-*.csv`. Out: the files, in the order of their names. What is no pattern is a path; a pattern that matches nothing is an error that says how far there is
//! something. Not here: what is read of files (`open`).

use crate::error::{Error, ErrorKind};
use std::path::{Component, Path, PathBuf};

/// So many names of a folder are shown at most.
const SHOWN: usize = 5;

/// The files that a pattern matches, in the order of their names; folders are left out.
///
/// `?` is any one character, `*` any number of them, `[a-c]` and `[!a-c]` one of these and none of them, and `**` as a component any number of folders. None of these matches a `/`,
/// nor a dot at the beginning of a name. Upper and lower case differ. A pattern that is the name of a file, as `x[1].csv`, is that file.
///
/// # Examples
/// ```
/// # let folder = std::env::temp_dir().join(format!("taskweave-csv-glob-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// for month in [2, 10, 1] {
///     std::fs::write(folder.join(format!("{month:02}.csv")), "day\n1\n")?;
/// }
/// let files = taskweave_csv::glob(folder.join("*.csv"))?;
/// let names: Vec<_> = files.iter().map(|file| file.file_name().unwrap()).collect();
/// assert_eq!(names, ["01.csv", "02.csv", "10.csv"]);
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Options`](ErrorKind::Options) of what is no pattern, or no text in UTF-8; [`Io`](ErrorKind::Io) of a folder that cannot be read, and where no file matches: the message says which folder there is, and
/// what is in it.
pub fn glob(pattern: impl AsRef<Path>) -> Result<Vec<PathBuf>, Error> {
    let path = pattern.as_ref();
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let Some(text) = path.to_str() else {
        let message = "a pattern is text in UTF-8: name such files one by one";
        return Err(Error::new(ErrorKind::Options, message).in_file(path));
    };
    let refused = |error: glob::PatternError| {
        let message = format!("is no pattern, by its byte {}: {}", error.pos, error.msg);
        Error::new(ErrorKind::Options, message).in_file(path)
    };
    // The crate would leave out names with a dot though the pattern has one too, and panic at names that are no UTF-8. So dots are looked at afterwards.
    let options = glob::MatchOptions {
        case_sensitive: true,
        require_literal_separator: true,
        require_literal_leading_dot: false,
    };
    let with_dots = glob::MatchOptions { require_literal_leading_dot: true, ..options };
    let plain = without_dot_folders(path);
    let strict = glob::Pattern::new(plain.to_str().unwrap_or(text)).map_err(refused)?;
    let found = glob::glob_with(text, options).map_err(refused)?;
    let mut files = Vec::new();
    for entry in found {
        let entry = entry.map_err(|error| {
            let folder = error.path().to_owned();
            Error::io(&folder, "cannot be read", error.into())
        })?;
        let is_meant = strict.matches_path_with(&without_dot_folders(&entry), with_dots);
        // What is neither is told of when it is opened: a link to nothing, a pipe.
        if is_meant && !entry.is_dir() {
            files.push(entry);
        }
    }
    if files.is_empty() {
        return Err(Error::new(ErrorKind::Io, nothing(path)).in_file(path));
    }
    Ok(files)
}

/// A path without the components that are `.`, which are found or not.
fn without_dot_folders(path: &Path) -> PathBuf {
    path.components().filter(|part| *part != Component::CurDir).collect()
}

/// Why a pattern matches no file.
fn nothing(path: &Path) -> String {
    if path.is_dir() {
        return format!("is a folder: `{}` are the files in it", path.join("*").display());
    }
    let text = path.to_string_lossy();
    if text.contains("://") {
        return "is an address, and only files of this machine are read: fetch it first".into();
    }
    if text.starts_with('~') {
        return "begins with `~`, which only shells make a folder of: write the whole path".into();
    }
    let is_pattern =
        |part: &Component<'_>| part.as_os_str().to_string_lossy().contains(['*', '?', '[']);
    // The folders before the first pattern, as far as they exist.
    let mut folder = PathBuf::new();
    for part in path.components().take_while(|part| !is_pattern(part)) {
        let next = folder.join(part);
        if !next.is_dir() {
            let part = part.as_os_str().to_string_lossy();
            return format!("there is no `{part}` in {}{}", named(&folder), contents(&folder));
        }
        folder = next;
    }
    format!("no file matches; they were looked for in {}{}", named(&folder), contents(&folder))
}

fn named(folder: &Path) -> String {
    match folder.as_os_str().is_empty() {
        true => "the current folder".into(),
        false => format!("`{}`", folder.display()),
    }
}

/// What is in a folder, for a message.
fn contents(folder: &Path) -> String {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let Ok(entries) = folder.read_dir() else {
        return ", which cannot be read".into();
    };
    let mut names: Vec<String> = entries
        .filter_map(|entry| Some(format!("`{}`", entry.ok()?.file_name().to_string_lossy())))
        .collect();
    names.sort();
    match names.len() {
        0 => ", which is empty".into(),
        all @ ..=SHOWN => format!(", which has {}", names[..all].join(", ")),
        all => format!(", which has {} and {} more", names[..SHOWN].join(", "), all - SHOWN),
    }
}
