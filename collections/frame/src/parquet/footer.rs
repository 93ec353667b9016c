//! The end of a Parquet file, which says what is where.
//!
//! In: a path. Out: a [`Footer`]: polars' metadata, of which every place is known to lie in the file (I1), or an error that says what the file is instead.
//!
//! Not here: pages (`read`).

use crate::error::{Error, ErrorKind};
use polars_io::parquet::metadata::FileMetadata;
use polars_parquet::read::read_metadata;
use std::any::Any;
use std::fs::{File, Metadata};
use std::io::{Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// What a Parquet file begins and ends with.
const MAGIC: [u8; 4] = *b"PAR1";
/// The same of a file whose footer is encrypted.
const ENCRYPTED: [u8; 4] = *b"PARE";
/// The shortest one: `MAGIC` twice, and the length of a footer.
const BYTES_MIN: u64 = 12;
/// So much of what is no Parquet file is shown.
const SHOWN: usize = 16;
/// More rows than this in one row group are more than polars can hold in a column.
const ROWS_MAX: usize = u32::MAX as usize - 1;

/// A file that has been looked at.
#[derive(Debug)]
pub(crate) struct Footer {
    pub(crate) path: PathBuf,
    pub(crate) metadata: FileMetadata,
    seen: Seen,
}

/// By what it is known that a file is still the same (I2).
#[derive(Debug, PartialEq)]
struct Seen {
    length: u64,
    modified: Option<SystemTime>,
}

impl Seen {
    fn of(metadata: &Metadata) -> Seen {
        Seen { length: metadata.len(), modified: metadata.modified().ok() }
    }
}

impl Footer {
    pub(crate) fn read(path: &Path) -> Result<Footer, Error> {
        let fail = |error| Error::io("cannot read", path, error);
        let mut file = File::open(path).map_err(|error| Error::io("cannot open", path, error))?;
        let seen = file.metadata().map_err(fail)?;
        if !seen.is_file() {
            return Err(Error::new(ErrorKind::Io, format!("{} is no file", path.display())));
        }
        is_whole(&mut file, seen.len(), path)?;
        let read = || read_metadata(&mut file);
        let metadata = guarded(read).map_err(|said| damaged(path, &said))?;
        let footer = Footer { path: path.to_owned(), metadata, seen: Seen::of(&seen) };
        footer.check()?;
        Ok(footer)
    }

    /// I1, and that there are not more rows than a column can have.
    fn check(&self) -> Result<(), Error> {
        let length = self.seen.length as i64;
        for (number, group) in self.metadata.row_groups.iter().enumerate() {
            if group.num_rows() > ROWS_MAX {
                let rows = group.num_rows();
                let message = format!("row group {number} is said to have {rows} rows");
                return Err(damaged(&self.path, &message));
            }
            for chunk in group.parquet_columns() {
                let start = chunk.dictionary_page_offset().unwrap_or(chunk.data_page_offset());
                let end = start.checked_add(chunk.compressed_size());
                if start < 0 || chunk.compressed_size() < 0 || end.is_none_or(|end| end > length) {
                    let column = chunk.descriptor().path_in_schema.join(".");
                    let message = format!(
                        "column `{column}` of row group {number} is said to have {} bytes from byte {start} on, and the file has {length} in all",
                        chunk.compressed_size()
                    );
                    return Err(damaged(&self.path, &message));
                }
            }
        }
        Ok(())
    }

    /// The file, to be read at the places that the footer names (I2).
    pub(crate) fn open(&self) -> Result<File, Error> {
        let fail = |error| Error::io("cannot open", &self.path, error);
        let file = File::open(&self.path).map_err(fail)?;
        let seen = Seen::of(&file.metadata().map_err(fail)?);
        if seen == self.seen {
            return Ok(file);
        }
        let path = self.path.display();
        let message = format!("{path} has changed since it was opened: open it again");
        Err(Error::new(ErrorKind::Io, message))
    }
}

/// Looks at both ends of a file.
fn is_whole(file: &mut File, length: u64, path: &Path) -> Result<(), Error> {
    let fail = |error| Error::io("cannot read", path, error);
    let wrong = |what: String| Error::new(ErrorKind::Format, format!("{} {what}", path.display()));
    if length == 0 {
        return Err(wrong(
            "is empty, which no Parquet file is: remove it, or write it anew".into(),
        ));
    }
    let mut head = Vec::new();
    file.by_ref().take(SHOWN as u64).read_to_end(&mut head).map_err(fail)?;
    if head.starts_with(&ENCRYPTED) {
        let message = format!("{} is encrypted, which is not read yet", path.display());
        return Err(Error::new(ErrorKind::NotYet, message));
    }
    if !head.starts_with(&MAGIC) {
        let shown = head.escape_ascii();
        let remedy = match is_text(&head) {
            true => ": a text file is read with `read_csv`",
            false => "",
        };
        return Err(wrong(format!("is no Parquet file: it begins with `{shown}`{remedy}")));
    }
    let mut tail = [0; MAGIC.len()];
    if length >= BYTES_MIN {
        file.seek(SeekFrom::End(-(MAGIC.len() as i64))).map_err(fail)?;
        file.read_exact(&mut tail).map_err(fail)?;
    }
    if tail != MAGIC {
        let what = "is cut off: it begins as a Parquet file and does not end as one; copy it again, or write it anew";
        return Err(wrong(what.into()));
    }
    Ok(())
}

fn is_text(head: &[u8]) -> bool {
    head.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\t' | b'\r' | b'\n' | 0x80..))
}

/// Of a file that contradicts itself.
pub(crate) fn damaged(path: &Path, said: &str) -> Error {
    let path = path.display();
    let message = format!("{path} is damaged: {said}; copy it again, or write it anew");
    Error::new(ErrorKind::Format, message)
}

/// What a decoder gives, or what it says where it fails; a panic is a failure (I3).
pub(crate) fn guarded<T>(
    decode: impl FnOnce() -> polars_core::error::PolarsResult<T>,
) -> Result<T, String> {
    match catch_unwind(AssertUnwindSafe(decode)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(said(&error.to_string())),
        Err(payload) => Err(format!("the decoder gave up ({})", said(text(&*payload)))),
    }
}

/// Without what polars puts before it.
fn said(message: &str) -> String {
    let message = message.trim();
    let message = message.strip_prefix("parquet: ").unwrap_or(message);
    message.trim_end_matches('.').to_owned()
}

fn text(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no text")
}
