//! Which files are meant.
//!
//! In: paths and patterns, as users write them. Out: files, in the order in which they are to be read.
//!
//! Not here: reading them (`csv`, `parquet`).

use crate::error::{Error, ErrorKind};
use std::path::{Path, PathBuf};

/// Paths and patterns, not looked up yet.
#[derive(Clone, Debug)]
pub struct Paths(Vec<PathBuf>);

impl Paths {
    /// The files: of a pattern those that match, in the order of their names; in the order of the list otherwise.
    pub(crate) fn found(&self, what: &str) -> Result<Vec<PathBuf>, Error> {
        self.found_where(what, |_| false)
    }

    /// The same, with the folders themselves, which stand for files in them.
    pub(crate) fn found_or_folders(&self, what: &str) -> Result<Vec<PathBuf>, Error> {
        self.found_where(what, Path::is_dir)
    }

    fn found_where(
        &self,
        what: &str,
        is_kept: impl Fn(&Path) -> bool,
    ) -> Result<Vec<PathBuf>, Error> {
        if self.0.is_empty() {
            let message = format!("there is no {what} file: the list of paths is empty");
            return Err(Error::new(ErrorKind::Value, message));
        }
        let mut files = Vec::new();
        for path in &self.0 {
            match is_kept(path) {
                true => files.push(path.clone()),
                false => files.extend(taskweave_csv::glob(path).map_err(Error::csv)?),
            }
        }
        Ok(files)
    }
}

/// What stands for files: a path or a pattern, or a list of these.
#[diagnostic::on_unimplemented(
    message = "`{Self}` stands for no files",
    label = "a path, a pattern such as \"flights-*.csv\", or a list of these is wanted here"
)]
pub trait IntoPaths {
    /// Those paths.
    fn into_paths(self) -> Paths;
}

macro_rules! one_path {
    ($($from:ty)*) => {$(
        impl IntoPaths for $from {
            fn into_paths(self) -> Paths {
                Paths(vec![AsRef::<Path>::as_ref(&self).to_path_buf()])
            }
        }
    )*};
}

one_path! { &str &String String &Path &PathBuf PathBuf }

impl<P: AsRef<Path>> IntoPaths for Vec<P> {
    fn into_paths(self) -> Paths {
        self.as_slice().into_paths()
    }
}

impl<P: AsRef<Path>> IntoPaths for &Vec<P> {
    fn into_paths(self) -> Paths {
        self.as_slice().into_paths()
    }
}

impl<P: AsRef<Path>, const N: usize> IntoPaths for [P; N] {
    fn into_paths(self) -> Paths {
        self.as_slice().into_paths()
    }
}

impl<P: AsRef<Path>> IntoPaths for &[P] {
    fn into_paths(self) -> Paths {
        Paths(self.iter().map(|path| path.as_ref().to_path_buf()).collect())
    }
}
