//! Rows on their way to files.
//!
//! In: pieces of rows, in their order. Out: a file of CSV or Parquet, or a folder of them, which has its name only when it is whole.
//!
//! ```text
//! pieces ─► ParquetFile, CsvFile, HiveFiles ─► Output ─► Pending ─► the file, or the folder of all partitions
//! ```
//!
//! 1. `W1` Nothing has the name that was asked for until all of it is on the disk: what is written is a [`Pending`] file, or stands in a pending folder.
//! 2. `W2` What cannot be finished is removed by whoever drops it; a process that is killed leaves it, under a name that begins with `.taskweave-`, which readers pass over.
//! 3. `W3` An error of the system is said as such, with the name that was asked for, also if it came through polars.
//!
//! Not here: which task writes which partition.

mod csv;
mod hive;
mod output;
mod parquet;
mod pending;
mod tasks;

pub(crate) use csv::CsvFile;
pub use csv::CsvWriteOptions;
pub(crate) use hive::HiveFiles;
pub(crate) use parquet::ParquetFile;
pub use parquet::ParquetWriteOptions;
pub(crate) use pending::Pending;
pub use polars_io::csv::write::QuoteStyle;
pub use polars_io::parquet::write::ParquetCompression;

use std::ops::AddAssign;
use std::path::{Path, PathBuf};

/// What has been written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    pub(crate) files: u64,
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
}

impl Written {
    /// How many files.
    pub fn files(&self) -> u64 {
        self.files
    }

    /// How many rows are in all of them.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// How many bytes they have together.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }
}

impl AddAssign for Written {
    fn add_assign(&mut self, other: Written) {
        self.files += other.files;
        self.rows += other.rows;
        self.bytes += other.bytes;
    }
}

/// The file of a partition in a folder: `part-00003.parquet`.
pub(crate) fn file_of(folder: &Path, partition: usize, extension: &str) -> PathBuf {
    folder.join(format!("part-{partition:05}.{extension}"))
}

#[cfg(test)]
mod tests;
