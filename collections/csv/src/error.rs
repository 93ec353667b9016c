//! What goes wrong with CSV files, as one type.
//!
//! In: what is wrong, and where. Out: [`Error`], whose message begins with the file, the line and the column, and ends with the remedy.
//! Where a record stands is known as a number of bytes; lines are counted when there is an error, by whoever has the file (`input`).

use std::fmt::{Debug, Display, Formatter};
use std::path::{Path, PathBuf};

/// What is wrong, and where.
///
/// # Examples
/// ```
/// use taskweave_csv::{ErrorKind, Options, Source};
/// let error = Source::open(["no/such.csv"], Options::new()).unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Io);
/// assert!(error.to_string().starts_with("no/such.csv: "));
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    file: Option<PathBuf>,
    line: Option<u64>,
    column: Option<String>,
    offset: Option<u64>,
    source: Option<std::io::Error>,
}

/// The kinds of [`Error`].
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// Options that contradict each other.
    Options,
    /// A file that cannot be opened or read; [`source`](std::error::Error::source) is the system's error.
    Io,
    /// A file that is not what it was when the source was opened.
    Changed,
    /// A file without a record.
    Empty,
    /// A file that is no text in UTF-8, is cut off, or has a quote that is never closed.
    Format,
    /// A header that has a name twice, or is not that of the other files.
    Header,
    /// A column that is not there.
    Column,
    /// A record with more or fewer fields than there are columns.
    Ragged,
    /// A text that is no value of its column's type.
    Type,
    /// A part that is none of this source.
    Part,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Error {
        let message = message.into();
        let (file, line, column, offset, source) = (None, None, None, None, None);
        Error(Box::new(Inner { kind, message, file, line, column, offset, source }))
    }

    pub(crate) fn io(path: &Path, what: &str, error: std::io::Error) -> Error {
        let mut made = Error::new(ErrorKind::Io, format!("{what}: {error}")).in_file(path);
        made.0.source = Some(error);
        made
    }

    pub(crate) fn in_file(mut self, path: &Path) -> Error {
        self.0.file = Some(path.to_owned());
        self
    }

    pub(crate) fn in_column(mut self, name: impl Into<String>) -> Error {
        self.0.column = Some(name.into());
        self
    }

    /// At this byte of what is in the file, uncompressed.
    pub(crate) fn at(mut self, offset: u64) -> Error {
        self.0.offset = Some(offset);
        self
    }

    pub(crate) fn offset(&self) -> Option<u64> {
        self.0.offset
    }

    pub(crate) fn on_line(mut self, line: u64) -> Error {
        self.0.line = Some(line);
        self
    }

    /// What kind of thing is wrong.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The file, if it is about one.
    pub fn file(&self) -> Option<&Path> {
        self.0.file.as_deref()
    }

    /// The line where the field or the record begins, counted from one; newlines in quotes count.
    pub fn line(&self) -> Option<u64> {
        self.0.line
    }

    /// The column's name, if it is about one.
    pub fn column(&self) -> Option<&str> {
        self.0.column.as_deref()
    }
}

impl Display for Error {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let Inner { message, file, line, column, .. } = &*self.0;
        if let Some(file) = file {
            write!(f, "{}", file.display())?;
            if let Some(line) = line {
                write!(f, ":{line}")?;
            }
            f.write_str(if column.is_some() { ", " } else { ": " })?;
        }
        if let Some(column) = column {
            write!(f, "column `{column}`: ")?;
        }
        f.write_str(message)
    }
}

impl Debug for Error {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}: {self}", self.0.kind)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_ref().map(|error| error as _)
    }
}

/// A text as messages quote it: not longer than a line.
pub(crate) fn quoted(text: &[u8]) -> String {
    const CHARACTERS_MAX: usize = 60;
    // Enough bytes for that many characters, however large the field.
    let text = String::from_utf8_lossy(&text[..text.len().min(4 * CHARACTERS_MAX + 4)]);
    let mut short: String = text.chars().take(CHARACTERS_MAX).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    format!("{short:?}")
}
