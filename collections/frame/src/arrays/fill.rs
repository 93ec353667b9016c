//! The rows of a partition, written into a block of an array.
//!
//! In: what a task does to a partition. Out: its block, row by row in C order, filled while pieces come; or what does not fit, with the row and the
//! column, and rows that are more or fewer than was known.
//!
//! Not here: which values fit (`element`).

use super::element::{Unfit, write};
use super::{ArrayElement, TILE_ROWS};
use crate::error::{Error, ErrorKind, counted};
use crate::pipeline::Pipeline;
use crate::source::Sink;
use polars_core::prelude::{DataFrame, PlSmallStr, Schema, Series};
use std::marker::PhantomData;
use std::ops::ControlFlow;
use taskweave_array::__foreign::{Block, Elements};

/// What makes blocks of partitions.
pub(super) trait Fill: Send + Sync {
    /// The block of a partition, whose steps may begin with a block.
    fn block(
        &self,
        work: &Pipeline,
        partition: usize,
        block: Option<&DataFrame>,
    ) -> Result<Block, Error>;
}

/// Blocks of one type of elements.
pub(super) struct Filled<T> {
    columns: Vec<PlSmallStr>,
    /// The row that each partition begins with, and one more for the end.
    starts: Vec<usize>,
    /// How they are known: "said to have".
    said: &'static str,
    element: PhantomData<fn() -> T>,
}

impl<T> Filled<T> {
    pub(super) fn new(schema: &Schema, lengths: &[usize], said: &'static str) -> Filled<T> {
        let mut end = 0_usize;
        let ends = lengths.iter().map(|&rows| {
            end = end.saturating_add(rows);
            end
        });
        let starts = std::iter::once(0).chain(ends).collect();
        Filled { columns: schema.iter_names_cloned().collect(), starts, said, element: PhantomData }
    }
}

impl<T: ArrayElement> Fill for Filled<T> {
    fn block(
        &self,
        work: &Pipeline,
        partition: usize,
        block: Option<&DataFrame>,
    ) -> Result<Block, Error> {
        let rows = self.starts[partition + 1] - self.starts[partition];
        Block::filled([rows, self.columns.len()], |out: &mut [T]| {
            let mut filling = Filling { of: self, work, partition, rows, out, seen: 0 };
            work.run(partition, block, &mut filling)?;
            match filling.seen {
                seen if seen == rows => Ok(()),
                seen => Err(self.other_length(partition, rows, seen)),
            }
        })
    }
}

impl<T: ArrayElement> Filled<T> {
    fn other_length(&self, partition: usize, known: usize, seen: usize) -> Error {
        let remedy = match self.said {
            "said to have" => "say how many rows it has, or let `to_array` count them",
            _ => "it has other rows each time, so `persist` the frame first",
        };
        let message = format!(
            "partition {partition} has {}, and was {} {known}: an array knows its shape before it is computed; {remedy}",
            counted(seen, "row"),
            self.said
        );
        Error::new(ErrorKind::Shape, message)
    }

    fn unfit(&self, partition: usize, row: usize, column: &str, unfit: Unfit) -> Error {
        let (row, of) = (self.starts[partition] + row, T::DTYPE);
        let place = format!("in row {row} of the frame, counted from 0 (partition {partition})");
        let message = match unfit {
            Unfit::Null => format!(
                "column `{column}` has a null {place}, and an array of {of} holds none: fill them before, with `fill_null(0)`, leave their rows out, with `drop_nulls(\"{column}\")`, or take `to_array::<f64>()`, where null is NaN"
            ),
            Unfit::Value(value) => format!(
                "column `{column}` has {value} {place}, which {of} does not hold exactly: take a type that holds it, or make others of such values before, with `round`, `clip` or `cast`"
            ),
        };
        Error::new(ErrorKind::Value, message)
    }
}

/// Writes pieces, one below the other.
struct Filling<'a, T> {
    of: &'a Filled<T>,
    work: &'a Pipeline,
    partition: usize,
    rows: usize,
    out: &'a mut [T],
    seen: usize,
}

impl<T: ArrayElement> Sink for Filling<'_, T> {
    fn restart(&mut self) {
        self.seen = 0;
    }

    fn take(&mut self, piece: DataFrame) -> Result<ControlFlow<()>, Error> {
        let first = self.seen;
        self.seen += piece.height();
        // Of more rows than there is room for only the number is of interest.
        if self.seen > self.rows || piece.height() == 0 {
            return Ok(ControlFlow::Continue(()));
        }
        let width = self.of.columns.len();
        let column = |name: &PlSmallStr| -> Result<Series, Error> {
            let column = piece.column(name).map_err(Error::polars)?;
            Ok(column.as_materialized_series().rechunk())
        };
        let columns = self.of.columns.iter().map(column).collect::<Result<Vec<_>, _>>()?;
        for row in (0..piece.height()).step_by(TILE_ROWS) {
            let tile = row..piece.height().min(row + TILE_ROWS);
            let out = &mut self.out[(first + row) * width..];
            for (at, column) in columns.iter().enumerate() {
                write(column, tile.clone(), &mut out[at..], width).map_err(|(row, unfit)| {
                    let row = first + tile.start + row;
                    let error = self.of.unfit(self.partition, row, column.name(), unfit);
                    // Else it would be told as one of reading.
                    error.of_call(self.work.of.name, self.work.of.location)
                })?;
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}
