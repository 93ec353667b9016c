//! A file that nobody else sees and that is gone with the last who holds it.
//!
//! In: a folder. Out: a [`TemporaryFile`], written and read at positions. Where the system lets a file be used that has no name any more it loses its name at once, so that nothing is left of it,
//! however the process ends; elsewhere it is removed when it is let go of.

use super::file::NamedFile;
use super::pending::beside;
use crate::error::Error;
use std::fs;
use std::path::Path;

/// A file without a name.
pub(crate) struct TemporaryFile {
    file: NamedFile,
    has_name: bool,
}

impl TemporaryFile {
    /// An empty one.
    pub(crate) fn create(folder: &Path) -> Result<TemporaryFile, Error> {
        let place = folder.join("temporary");
        let (path, file) = beside(&place, NamedFile::create_to_read).map_err(|error| {
            let what = format_args!("cannot make a temporary file in {}", folder.display());
            Error::io(what, error)
        })?;
        // What cannot be removed now is tried again when it is let go of.
        let has_name = cfg!(not(unix)) || fs::remove_file(&path).is_err();
        Ok(TemporaryFile { file: file.called(path), has_name })
    }

    /// Fills `bytes` with what stands at `at`.
    pub(crate) fn read(&self, bytes: &mut [u8], at: u64) -> Result<(), Error> {
        self.file.read(bytes, at)
    }

    /// Writes `bytes` at `at`.
    pub(crate) fn write(&self, bytes: &[u8], at: u64) -> Result<(), Error> {
        self.file.write(bytes, at)
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        if self.has_name {
            // What cannot be removed stays: whoever is here has no one to tell.
            let _ = fs::remove_file(self.file.path());
        }
    }
}
