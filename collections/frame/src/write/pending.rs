//! A name for what is not whole yet.
//!
//! In: the name of a file or a folder to be written. Out: a [`Pending`] one beside it, which gets that name when it is whole, in one step, and is removed if it never becomes so (W1, W2).
//!
//! Not here: what is written (`output`).

use crate::error::{Error, ErrorKind};
use std::fs::{self, File, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::path::{Path, PathBuf, is_separator};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// Names that a process of the same number has left behind are passed over, so many of them.
const TRIES_MAX: usize = 100;

/// What is being written.
#[derive(Debug)]
pub(crate) struct Pending {
    temporary: PathBuf,
    target: PathBuf,
    /// The target as it was asked for.
    shown: PathBuf,
    is_done: bool,
}

impl Pending {
    /// A file that is to be `path`, instead of the one that may be there.
    ///
    /// # Errors
    /// `Io` where no such file can be made: the folder is missing, the name is one of a folder, the file that is there is read-only.
    pub(crate) fn file(path: &Path) -> Result<(Pending, File), Error> {
        let fail = |error| cannot(path, error);
        let other = |what: &str| Err(fail(io::Error::new(io::ErrorKind::PermissionDenied, what)));
        let replaced = match path.metadata() {
            Ok(found) if found.is_dir() => return other("it is a folder; name a file in it"),
            Ok(found) if !found.is_file() => return other("it is no regular file"),
            Ok(found) if found.permissions().readonly() => return other("the file is read-only"),
            Ok(found) => Some(found),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(fail(error)),
        };
        // Without a separator at its end it would be another name.
        if replaced.is_none() && path.as_os_str().to_string_lossy().ends_with(is_separator) {
            return other("it names a folder; give the name of a file");
        }
        let (pending, file) = Pending::beside(target(path)?, path, create).map_err(fail)?;
        if let Some(found) = replaced {
            fs::set_permissions(&pending.temporary, found.permissions()).map_err(fail)?;
        }
        Ok((pending, file))
    }

    /// A folder that is to be `path`, where there is none or an empty one.
    ///
    /// # Errors
    /// `Io` where it cannot be made, or there is something in it.
    pub(crate) fn folder(path: &Path) -> Result<Pending, Error> {
        let fail = |error| cannot(path, error);
        let is_free = match path.read_dir() {
            Ok(mut entries) => entries.next().is_none(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => true,
            Err(error) if path.is_file() => {
                let what = "it is a file, and partitions are written to a folder; remove it, or choose another name";
                return Err(fail(io::Error::new(error.kind(), what)));
            }
            Err(error) => return Err(fail(error)),
        };
        if !is_free {
            let what = "the folder is not empty; remove it, or choose another one";
            return Err(fail(io::Error::new(io::ErrorKind::AlreadyExists, what)));
        }
        let create = |path: &Path| fs::create_dir(path);
        let (pending, ()) = Pending::beside(target(path)?, path, create).map_err(fail)?;
        Ok(pending)
    }

    /// A file in a folder that is pending itself, at a path within it. The folders between them are made.
    ///
    /// # Errors
    /// `Io` where it cannot be made.
    pub(crate) fn inside(folder: &Pending, path: &Path) -> Result<(Pending, File), Error> {
        let shown = folder.shown.join(path);
        let target = folder.temporary.join(path);
        let made = target.parent().map_or(Ok(()), fs::create_dir_all);
        let made = made.and_then(|()| Pending::beside(target, &shown, create));
        made.map_err(|error| cannot(&shown, error))
    }

    fn beside<T>(
        target: PathBuf,
        shown: &Path,
        mut create: impl FnMut(&Path) -> io::Result<T>,
    ) -> io::Result<(Pending, T)> {
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
                Ok(made) => {
                    let shown = shown.to_owned();
                    return Ok((Pending { temporary, target, shown, is_done: false }, made));
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && tries < TRIES_MAX => {
                    tries += 1;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Its name until it is whole.
    pub(crate) fn path(&self) -> &Path {
        &self.temporary
    }

    /// Its name when it is whole, as it was asked for.
    pub(crate) fn shown(&self) -> &Path {
        &self.shown
    }

    /// Gives it the name that it was made for. All that is in it has to be on the disk.
    ///
    /// # Errors
    /// `Io` where the system does not let it have the name; then it is removed.
    pub(crate) fn finish(mut self) -> Result<(), Error> {
        let fail = |error| cannot(&self.shown, error);
        if self.temporary.is_dir() {
            sync_folder(&self.temporary);
            // Not all systems put a folder in the place of an empty one.
            if self.target.is_dir() {
                fs::remove_dir(&self.target).map_err(fail)?;
            }
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

fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

/// Waits until the names in a folder are on the disk, where the system can do that.
fn sync_folder(folder: &Path) {
    // Some systems, and some file systems, cannot: then nothing is lost but a name, and only if the power fails now.
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
}

/// What is said of a file, or a folder, that cannot be written (W3).
pub(super) fn cannot(path: &Path, error: io::Error) -> Error {
    match path.as_os_str().is_empty() {
        true => Error::new(ErrorKind::Io, "cannot write to the empty path: give a name"),
        false => Error::io("cannot write", path, error),
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
