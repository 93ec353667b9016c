//! A file that nobody else sees and that is gone with the last who holds it.
//!
//! In: a folder. Out: a [`TemporaryFile`], written and read at positions. Where the system lets a file be used that has no name any more it loses its name at once, so that nothing is left of it,
//! however the process ends; elsewhere it is removed when it is let go of.

use super::file::NamedFile;
use super::pending::beside;
use crate::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

/// A file without a name.
pub(crate) struct TemporaryFile {
    file: NamedFile,
    /// The name that it could not lose yet.
    name: Option<PathBuf>,
}

impl TemporaryFile {
    /// An empty one.
    pub(crate) fn create(folder: &Path) -> Result<TemporaryFile, Error> {
        let place = folder.join("temporary");
        let (path, file) = beside(&place, NamedFile::create_to_read).map_err(|error| {
            let what = format_args!("cannot make a temporary file in {}", folder.display());
            Error::io(what, error)
        })?;
        let has_name = cfg!(not(unix)) || fs::remove_file(&path).is_err();
        let file = file.called(format!("a temporary file in {}", folder.display()));
        Ok(TemporaryFile { file, name: has_name.then_some(path) })
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
        if let Some(name) = &self.name {
            // What cannot be removed stays: whoever is here has no one to tell.
            let _ = fs::remove_file(name);
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_nobody_sees_it() {
        let name = format!("taskweave-temporary-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir(&folder).unwrap();
        let file = TemporaryFile::create(&folder).unwrap();
        let other = TemporaryFile::create(&folder).unwrap();
        file.write(&[1, 2, 3], 7).unwrap();
        other.write(&[9], 8).unwrap();
        let mut bytes = [0; 2];
        file.read(&mut bytes, 8).unwrap();
        assert_eq!(bytes, [2, 3]);
        assert_eq!(folder.read_dir().unwrap().count(), 0);
        let error = file.read(&mut bytes, 9).unwrap_err().to_string();
        assert!(error.starts_with("a temporary file in "), "{error}");
        fs::remove_dir(&folder).unwrap();
    }

    #[test]
    fn one_that_has_a_name_loses_it_in_the_end() {
        let name = format!("taskweave-temporary-{}.named", std::process::id());
        let path = std::env::temp_dir().join(name);
        let file = NamedFile::create_to_read(&path).unwrap();
        let file = TemporaryFile { file, name: Some(path.clone()) };
        file.write(&[1], 0).unwrap();
        assert!(path.exists());
        drop(file);
        assert!(!path.exists());
    }
}
