//! Parquet files with the same columns, as partitions.
//!
//! In: paths of files, or of folders of them, or patterns. Out: [`ParquetSource`], which knows the schema and the row groups from the footers alone, and [`read`](ParquetSource::read)s one partition
//! at a time on the thread that calls it: only the columns that are asked for, and only the row groups that can have a row that is.
//!
//! ```text
//! paths (hive) ─► footers (footer) ─► schema, row groups, partitions (open)
//!                                │
//!             comparisons ─► what can be left out (prune, bounds)
//!                                │
//!                         bytes of columns ─► pieces of rows (read)
//! ```
//!
//! 1. `I1` What a footer says of a place in its file lies within the file: it is looked at when the file is opened.
//! 2. `I2` A file is read as it was when it was opened. One of another length or time is an error.
//! 3. `I3` Bytes are decoded by polars, which panics at some that are damaged; that is caught, and is an error that names the file, the row group and the column.
//!
//! Not here: which columns and comparisons a plan has; writing (`write`).

mod bounds;
mod footer;
mod hive;
mod open;
mod prune;
mod read;
mod source;

pub(crate) use footer::guarded;
pub use open::ParquetOptions;
pub(crate) use open::ParquetSource;
pub(crate) use prune::{Comparison, Operator};

#[cfg(test)]
mod bad_tests;
#[cfg(test)]
mod prune_tests;
#[cfg(test)]
mod tests;
