//! Bytes of files.
//!
//! In: a file as it was found when the source was opened, and where to begin. Out: its bytes, uncompressed, read at a position so that no
//! page of memory belongs to the file; and on which line a byte is.
//!
//! Not here: what the bytes mean.

use crate::error::{Error, ErrorKind};
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// How much a decompressor reads at once, and how much is read to count lines.
const BUFFER_BYTES: usize = 64 << 10;

/// How a file is compressed; its first bytes say so, whatever its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compression {
    None,
    Gzip,
    Zstd,
}

/// A file as it was found.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) path: PathBuf,
    /// In bytes, compressed.
    pub(crate) length: u64,
    modified: Option<SystemTime>,
    pub(crate) compression: Compression,
    /// Where the first record after the header begins, uncompressed.
    pub(crate) start: u64,
    /// Whether there is no record at all.
    pub(crate) is_empty: bool,
}

impl Found {
    /// Looks at a file, and passes over a UTF-8 byte order mark.
    pub(crate) fn new(path: &Path) -> Result<Found, Error> {
        let failed = |error| Error::io(path, "cannot be opened", error);
        let metadata = std::fs::metadata(path).map_err(failed)?;
        if metadata.is_dir() {
            let message = "is a folder: name the files in it";
            return Err(Error::new(ErrorKind::Io, message).in_file(path));
        }
        if !metadata.is_file() {
            let message = "is a pipe or a device, which cannot be read at any place: write it to a file first";
            return Err(Error::new(ErrorKind::Io, message).in_file(path));
        }
        let mut found = Found {
            path: path.to_owned(),
            length: metadata.len(),
            modified: metadata.modified().ok(),
            compression: Compression::None,
            start: 0,
            is_empty: false,
        };
        let magic = found.first_bytes()?;
        found.compression = match magic {
            [0x1f, 0x8b, ..] => Compression::Gzip,
            // A frame, or one that is to be passed over, as `pzstd` writes before each.
            [0x28, 0xb5, 0x2f, 0xfd] | [0x50..=0x5f, 0x2a, 0x4d, 0x18] => Compression::Zstd,
            _ => Compression::None,
        };
        if &magic == b"PAR1" && &found.last_bytes()? == b"PAR1" {
            let message = "is a Parquet file, and no text: read it with what reads Parquet";
            return Err(Error::new(ErrorKind::Format, message).in_file(path));
        }
        let first = if found.is_splittable() { magic } else { found.first_bytes()? };
        match first {
            [0xef, 0xbb, 0xbf, _] => found.start = 3,
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
                let message = "begins with a byte order mark of UTF-16: convert it to UTF-8, as `iconv -f UTF-16 -t UTF-8` does";
                return Err(Error::new(ErrorKind::Format, message).in_file(path));
            }
            _ => {}
        }
        Ok(found)
    }

    /// The first four, zeros where there are fewer.
    fn first_bytes(&self) -> Result<[u8; 4], Error> {
        self.bytes_at(0)
    }

    /// The last four of a file that is not compressed.
    fn last_bytes(&self) -> Result<[u8; 4], Error> {
        self.bytes_at(self.length.saturating_sub(4))
    }

    fn bytes_at(&self, at: u64) -> Result<[u8; 4], Error> {
        let mut bytes = [0; 4];
        let mut input = Input::open(self, at)?;
        let mut held = 0;
        while held < bytes.len() {
            match input.read(&mut bytes[held..])? {
                0 => break,
                count => held += count,
            }
        }
        Ok(bytes)
    }

    /// Whether parts can begin in its midst.
    pub(crate) fn is_splittable(&self) -> bool {
        self.compression == Compression::None
    }

    /// Says on which line an error is, if it says at which byte: by a pass over the file up to there.
    pub(crate) fn located(&self, error: Error) -> Error {
        let error = error.in_file(&self.path);
        match error.offset().and_then(|offset| self.line_of(offset).ok()) {
            Some(line) => error.on_line(line),
            None => error,
        }
    }

    /// On which line this byte is, counted from one.
    fn line_of(&self, offset: u64) -> Result<u64, Error> {
        let mut input = Input::open(self, 0)?;
        let mut buffer = vec![0; BUFFER_BYTES];
        let (mut line, mut left) = (1, offset);
        while left > 0 {
            let wanted = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            let count = input.read(&mut buffer[..wanted])?;
            if count == 0 {
                break;
            }
            line += buffer[..count].iter().filter(|&&byte| byte == b'\n').count() as u64;
            left -= count as u64;
        }
        Ok(line)
    }
}

/// A file that is being read.
pub(crate) struct Input<'a> {
    found: &'a Found,
    reader: Reader,
    /// Where the next byte is, uncompressed.
    at: u64,
}

enum Reader {
    Plain(File),
    Packed(Box<dyn Read + Send>),
}

impl Input<'_> {
    /// From byte `at` on, uncompressed. What is compressed is uncompressed from its beginning.
    pub(crate) fn open(found: &Found, at: u64) -> Result<Input<'_>, Error> {
        let failed = |error| Error::io(&found.path, "cannot be opened", error);
        let file = File::open(&found.path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        if metadata.len() != found.length || metadata.modified().ok() != found.modified {
            return Err(changed(&found.path));
        }
        let reader = match found.compression {
            Compression::None => Reader::Plain(file),
            Compression::Gzip => {
                let packed = BufReader::with_capacity(BUFFER_BYTES, file);
                Reader::Packed(Box::new(flate2::bufread::MultiGzDecoder::new(packed)))
            }
            Compression::Zstd => Reader::Packed(zstd(&found.path, file)?),
        };
        let mut input = Input { found, reader, at: 0 };
        match input.reader {
            Reader::Plain(_) => input.at = at,
            Reader::Packed(_) => input.pass_over(at)?,
        }
        Ok(input)
    }

    fn pass_over(&mut self, at: u64) -> Result<(), Error> {
        let mut buffer = vec![0; usize::try_from(at).unwrap_or(BUFFER_BYTES).min(BUFFER_BYTES)];
        while self.at < at {
            let wanted = buffer.len().min(usize::try_from(at - self.at).unwrap_or(usize::MAX));
            if self.read(&mut buffer[..wanted])? == 0 {
                break;
            }
        }
        Ok(())
    }

    /// Reads some of the bytes, 0 at the end.
    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        let path = &self.found.path;
        let count = match &mut self.reader {
            Reader::Plain(file) => {
                let left = self.found.length.saturating_sub(self.at);
                let wanted = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
                let count = retried(|| read_at(file, &mut buffer[..wanted], self.at))
                    .map_err(|error| Error::io(path, "cannot be read", error))?;
                if count == 0 && wanted > 0 {
                    return Err(changed(path));
                }
                count
            }
            Reader::Packed(reader) => retried(|| reader.read(buffer))
                .map_err(|error| broken(path, self.found.compression, error))?,
        };
        self.at += count as u64;
        Ok(count)
    }
}

fn retried(mut read: impl FnMut() -> std::io::Result<usize>) -> std::io::Result<usize> {
    loop {
        match read() {
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], at: u64) -> std::io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, at)
}

#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], at: u64) -> std::io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, at)
}

fn changed(path: &Path) -> Error {
    let message = "has changed since the source was opened: open it again";
    Error::new(ErrorKind::Changed, message).in_file(path)
}

/// What is said of data that cannot be uncompressed.
fn broken(path: &Path, compression: Compression, error: std::io::Error) -> Error {
    let what = if compression == Compression::Gzip { "gzip" } else { "zstd" };
    let message = if error.kind() == std::io::ErrorKind::UnexpectedEof {
        format!("the {what} file is cut off: get it anew, it is not whole")
    } else {
        format!("the {what} file cannot be uncompressed ({error}): get it anew, it is damaged")
    };
    Error::new(ErrorKind::Format, message).in_file(path)
}

#[cfg(not(feature = "zstd"))]
fn zstd(path: &Path, _: File) -> Result<Box<dyn Read + Send>, Error> {
    let message =
        "is compressed with zstd: enable the feature `zstd` of taskweave-csv, or uncompress it";
    Err(Error::new(ErrorKind::Format, message).in_file(path))
}

#[cfg(feature = "zstd")]
fn zstd(_: &Path, file: File) -> Result<Box<dyn Read + Send>, Error> {
    let packed = BufReader::with_capacity(BUFFER_BYTES, file);
    Ok(Box::new(crate::frames::Frames::new(packed)))
}
