//! Reading and writing at a position of a file, with errors that name it.
//!
//! In: a path. Out: a [`NamedFile`], which many tasks use at once: nobody moves a common position.

use crate::error::{Error, ErrorKind, counted};
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// What the system says, and a remedy where there is one.
fn with_remedy(error: io::Error) -> io::Error {
    /// `EMFILE` on all Unixes.
    const TOO_MANY_OPEN: i32 = 24;
    if cfg!(unix) && error.raw_os_error() == Some(TOO_MANY_OPEN) {
        let message = format!(
            "{error}; an array that is in a file keeps it open: raise the limit (`ulimit -n`), or read each file when its block is computed, with `Array::from_blocks`"
        );
        return io::Error::new(error.kind(), message);
    }
    error
}

/// An open file and its name.
#[derive(Debug)]
pub(crate) struct NamedFile {
    file: File,
    /// What errors call it.
    path: PathBuf,
}

impl NamedFile {
    /// To be read. Nothing but a regular file: reading of a pipe or a device at a position means nothing.
    pub(crate) fn open(path: &Path) -> Result<NamedFile, Error> {
        let fail =
            |error| Error::io(format_args!("cannot open {}", path.display()), with_remedy(error));
        // Before it is opened: that alone would wait for whoever writes to a pipe.
        let metadata = path.metadata().map_err(fail)?;
        if !metadata.is_file() {
            let what = if metadata.is_dir() { "it is a folder" } else { "it is no regular file" };
            let error = io::Error::new(io::ErrorKind::InvalidInput, what);
            return Err(fail(error));
        }
        let file = File::open(path).map_err(fail)?;
        Ok(NamedFile { file, path: path.to_owned() })
    }

    /// To be written, and not there yet.
    pub(crate) fn create(path: &Path) -> Result<NamedFile, io::Error> {
        let file = OpenOptions::new().write(true).create_new(true).open(path)?;
        Ok(NamedFile { file, path: path.to_owned() })
    }

    /// To be written and read, and not there yet.
    pub(crate) fn create_to_read(path: &Path) -> Result<NamedFile, io::Error> {
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(path)?;
        Ok(NamedFile { file, path: path.to_owned() })
    }

    /// To be written, and there already.
    pub(crate) fn open_to_write(path: &Path) -> Result<NamedFile, Error> {
        let file = OpenOptions::new().write(true).open(path);
        let file = file.map_err(|error| {
            Error::io(format_args!("cannot write to {}", path.display()), error)
        })?;
        Ok(NamedFile { file, path: path.to_owned() })
    }

    /// The same file, which errors call by the name that it will have.
    pub(crate) fn called(self, path: impl Into<PathBuf>) -> NamedFile {
        NamedFile { path: path.into(), ..self }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// How many bytes it has.
    pub(crate) fn len(&self) -> Result<u64, Error> {
        let metadata = self.file.metadata();
        metadata.map(|metadata| metadata.len()).map_err(|error| self.cannot("read", error))
    }

    /// Fills `bytes` with what stands at `at`.
    pub(crate) fn read(&self, bytes: &mut [u8], at: u64) -> Result<(), Error> {
        read_at(&self.file, bytes, at).map_err(|error| {
            if error.kind() != io::ErrorKind::UnexpectedEof {
                return self.cannot("read", error);
            }
            let (end, len) = (at.saturating_add(bytes.len() as u64), self.len().unwrap_or(0));
            let message = format!(
                "{} ends at byte {len}, before byte {end}: it has become shorter since it was opened",
                self.path.display()
            );
            Error::new(ErrorKind::Format, message)
        })
    }

    /// Writes `bytes` at `at`.
    pub(crate) fn write(&self, bytes: &[u8], at: u64) -> Result<(), Error> {
        write_at(&self.file, bytes, at).map_err(|error| {
            let what = format_args!("cannot write {} at {at} of", counted(bytes.len(), "byte"));
            Error::io(format_args!("{what} {}", self.path.display()), error)
        })
    }

    /// Makes it `len` bytes long; they take room on the disk when they are written.
    pub(crate) fn set_len(&self, len: u64) -> Result<(), Error> {
        let what = |error| {
            let path = self.path.display();
            Error::io(
                format_args!("cannot make {path} {} long", counted(len as usize, "byte")),
                error,
            )
        };
        self.file.set_len(len).map_err(what)
    }

    /// Waits until all is on the disk.
    pub(crate) fn sync(&self) -> Result<(), Error> {
        self.file.sync_all().map_err(|error| self.cannot("write", error))
    }

    fn cannot(&self, what: &str, error: io::Error) -> Error {
        Error::io(format_args!("cannot {what} {}", self.path.display()), error)
    }
}

#[cfg(unix)]
fn read_at(file: &File, bytes: &mut [u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, at)
}

#[cfg(unix)]
fn write_at(file: &File, bytes: &[u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, at)
}

#[cfg(windows)]
fn read_at(file: &File, mut bytes: &mut [u8], mut at: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, bytes, at) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(n) => (bytes, at) = (&mut std::mem::take(&mut bytes)[n..], at + n as u64),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(windows)]
fn write_at(file: &File, mut bytes: &[u8], mut at: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        match std::os::windows::fs::FileExt::seek_write(file, bytes, at) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(n) => (bytes, at) = (&bytes[n..], at + n as u64),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_an_error_with_the_systems_reason() {
        let full = NamedFile::open_to_write(Path::new("/dev/full")).unwrap();
        let error = full.write(&[1, 2, 3], 5).unwrap_err();
        assert!(error.to_string().starts_with("cannot write 3 bytes at 5 of /dev/full: No space"));
        let source = std::error::Error::source(&error).unwrap();
        let source = source.downcast_ref::<io::Error>().unwrap();
        assert_eq!(source.kind(), io::ErrorKind::StorageFull);
    }

    #[test]
    fn what_is_no_file_is_not_opened() {
        let error = NamedFile::open(Path::new("/dev/zero")).unwrap_err();
        assert_eq!(error.to_string(), "cannot open /dev/zero: it is no regular file");
        let error = NamedFile::open(Path::new("/dev")).unwrap_err();
        assert_eq!(error.to_string(), "cannot open /dev: it is a folder");
    }

    #[test]
    fn too_many_open_files_have_a_remedy() {
        let error = with_remedy(io::Error::from_raw_os_error(24));
        assert!(!cfg!(unix) || error.to_string().contains("`ulimit -n`"), "{error}");
        let error = with_remedy(io::Error::from_raw_os_error(2));
        assert_eq!(error.raw_os_error(), Some(2));
    }
}
