//! A name for what is not whole yet.
//!
//! In: the name of a file or a folder to be written. Out: a [`Pending`] one beside it, which gets that name when it is whole, in one step, and is removed if it never
//! becomes so. A process that is killed leaves it, under a name that begins with `.taskweave-`.

use super::file::NamedFile;
use crate::error::Error;
use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::path::{Path, PathBuf, is_separator};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// Names that a process of the same number has left behind are passed over, so many of them.
const TRIES_MAX: usize = 100;

/// What is being written.
pub(crate) struct Pending {
    temporary: PathBuf,
    target: PathBuf,
    is_done: bool,
}

impl Pending {
    /// A file that is to be `path`, instead of the one that may be there.
    pub(crate) fn file(path: &Path) -> Result<(Pending, NamedFile), Error> {
        let fail = |error| cannot(path, error);
        let other = |what| fail(io::Error::new(io::ErrorKind::PermissionDenied, what));
        let replaced = match path.metadata() {
            Ok(metadata) if !metadata.is_file() => return Err(other("it is no regular file")),
            Ok(metadata) if metadata.permissions().readonly() => {
                return Err(other("the file is read-only"));
            }
            Ok(metadata) => Some(metadata),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(fail(error)),
        };
        // Without a separator at its end it would be another name.
        if replaced.is_none() && path.as_os_str().to_string_lossy().ends_with(is_separator) {
            let what = "it names a folder; give the name of a file";
            return Err(fail(io::Error::new(io::ErrorKind::IsADirectory, what)));
        }
        let target = target(path)?;
        let (pending, file) = Pending::beside(target, NamedFile::create).map_err(fail)?;
        if let Some(metadata) = replaced {
            fs::set_permissions(&pending.temporary, metadata.permissions()).map_err(fail)?;
        }
        Ok((pending, file.called(path)))
    }

    /// A folder that is to be `path`, where there is none or an empty one.
    pub(crate) fn folder(path: &Path) -> Result<Pending, Error> {
        let fail = |error| cannot(path, error);
        let is_free = match path.read_dir() {
            Ok(mut entries) => entries.next().is_none(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => true,
            Err(error) if path.is_file() => {
                let what =
                    "it is a file, and a stack is a folder; remove it, or choose another name";
                return Err(fail(io::Error::new(error.kind(), what)));
            }
            Err(error) => return Err(fail(error)),
        };
        if !is_free {
            let what = "the folder is not empty; remove it, or choose another one";
            return Err(fail(io::Error::new(io::ErrorKind::AlreadyExists, what)));
        }
        let create = |path: &Path| fs::create_dir(path);
        let (pending, ()) = Pending::beside(target(path)?, create).map_err(fail)?;
        Ok(pending)
    }

    /// Makes something in the same folder, so that it can be renamed.
    fn beside<T>(
        target: PathBuf,
        create: impl FnMut(&Path) -> io::Result<T>,
    ) -> io::Result<(Pending, T)> {
        let (temporary, made) = beside(&target, create)?;
        Ok((Pending { temporary, target, is_done: false }, made))
    }

    /// Its name until it is whole.
    pub(crate) fn path(&self) -> &Path {
        &self.temporary
    }

    /// Its name when it is whole.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// Gives it the name that it was made for. All that is in it has to be on the disk.
    pub(crate) fn finish(mut self) -> Result<(), Error> {
        let fail = |error| cannot(&self.target, error);
        // Not all systems put a folder in the place of an empty one.
        if self.temporary.is_dir() && self.target.is_dir() {
            fs::remove_dir(&self.target).map_err(fail)?;
        }
        fs::rename(&self.temporary, &self.target).map_err(fail)?;
        self.is_done = true;
        if let Some(folder) = self.target.parent() {
            sync_folder(folder);
        }
        Ok(())
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if self.is_done {
            return;
        }
        // What cannot be removed stays: there is an error on its way already, which says more.
        let _ = match self.temporary.is_dir() {
            true => fs::remove_dir_all(&self.temporary),
            false => fs::remove_file(&self.temporary),
        };
    }
}

/// Makes something in the folder of `target`, under a name that nothing else has.
pub(crate) fn beside<T>(
    target: &Path,
    mut create: impl FnMut(&Path) -> io::Result<T>,
) -> io::Result<(PathBuf, T)> {
    // Written and read here only; Relaxed: that no two numbers are the same is all that counts.
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    // Numbers of processes come again, and what a killed one has left stays.
    static RUN: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(0));
    let mut tries = 0;
    loop {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!(".taskweave-{}-{:016x}-{number}.tmp", std::process::id(), *RUN);
        let temporary = target.with_file_name(name);
        match create(&temporary) {
            Ok(made) => return Ok((temporary, made)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && tries < TRIES_MAX => {
                tries += 1;
            }
            Err(error) => return Err(error),
        }
    }
}

/// Waits until the names in a folder are on the disk, where the system can do that.
pub(crate) fn sync_folder(folder: &Path) {
    // Some systems, and some file systems, cannot: then nothing is lost but a name, and only if the power fails now.
    let _ = fs::File::open(folder).and_then(|folder| folder.sync_all());
}

fn cannot(path: &Path, error: io::Error) -> Error {
    match path.as_os_str().is_empty() {
        true => Error::io(format_args!("cannot write to the empty path"), error),
        false => Error::io(format_args!("cannot write {}", path.display()), error),
    }
}

/// The path, absolute, with links followed: what a link leads to is replaced, not the link.
fn target(path: &Path) -> Result<PathBuf, Error> {
    if let Ok(path) = path.canonicalize() {
        return Ok(path);
    }
    let Some(name) = path.file_name() else {
        let what = "it has no name; give one";
        return Err(cannot(path, io::Error::new(io::ErrorKind::InvalidInput, what)));
    };
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let found = folder.canonicalize().map_err(|error| {
        if error.kind() != io::ErrorKind::NotFound {
            return cannot(path, error);
        }
        let what = format!("the folder {} is missing; make it first", folder.display());
        cannot(path, io::Error::new(error.kind(), what))
    })?;
    Ok(found.join(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_folder_is_none_of_a_file() {
        let name = format!("taskweave-no-folder-{}/", std::process::id());
        let path = std::env::temp_dir().join(name);
        let error = Pending::file(&path).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains("it names a folder; give the name of a file"), "{error}");
    }
}
