//! Where rows come from: what a reader offers, and how it hands out what it has read.
//!
//! In: which partition, and what is wanted of it. Out: pieces of it, a few thousand rows each, in their order.
//!
//! Not here: the readers (`csv`, `parquet`, `memory`).

use crate::error::Error;
use crate::expr::Expr;
use polars_core::prelude::{DataFrame, PlSmallStr};
use std::ops::{ControlFlow, Range};

/// What is wanted of a partition.
pub(crate) struct Wanted<'a> {
    /// Columns, in the order of the schema. There may be none: then pieces say how many rows there are.
    pub(crate) columns: &'a [PlSmallStr],
    /// What will be filtered by. A reader may leave out rows of which one of these is not true, and need not.
    pub(crate) filters: &'a [Expr],
}

/// What takes the pieces of a partition.
pub(crate) trait Sink {
    /// Forgets all pieces: they come again from the first one.
    fn restart(&mut self);

    /// Takes the next piece; with `Break`, no further one is wanted.
    fn take(&mut self, piece: DataFrame) -> Result<ControlFlow<()>, Error>;
}

/// Where rows come from.
pub(crate) trait Source: Send + Sync {
    /// In a line: "12 CSV files, 1.0 GiB".
    fn describe(&self) -> String;

    /// Reads a partition.
    fn read(&self, partition: usize, wanted: &Wanted<'_>, sink: &mut dyn Sink)
    -> Result<(), Error>;

    /// How many bytes of files are read for these columns of these partitions.
    fn bytes(&self, columns: &[PlSmallStr], partitions: Range<usize>) -> u64;

    /// How many rows a partition has, before any is left out, if that is known.
    fn rows(&self, _partition: usize) -> Option<usize> {
        None
    }

    /// About how many rows a partition has.
    fn rows_about(&self, partition: usize) -> Option<u64> {
        self.rows(partition).map(|rows| rows as u64)
    }

    /// About how many rows of a partition are in memory at once while it is read, besides those that are there anyway.
    fn piece_rows(&self, _partition: usize) -> u64 {
        0
    }

    /// What `explain` says of what is left out, as "3 of 12 row groups".
    fn pruned(&self, _filters: &[Expr]) -> Option<String> {
        None
    }
}
