//! Frames of what is in memory: blocks that are there, and functions that make them.
//!
//! In: polars' frames, or a function for each item of a list. Out: sources.
//!
//! Not here: files (`csv`, `parquet`), partitions that other tasks make (`graphs`).

use crate::bytes::Bytes;
use crate::error::{Error, ErrorKind, counted};
use crate::frame::Frame;
use crate::node::Node;
use crate::source::{Sink, Source, Wanted};
use polars_core::prelude::{DataFrame, PlSmallStr, Schema};
use std::ops::{ControlFlow, Range};
use std::panic::Location;
use std::sync::Arc;

/// So many rows of a block in memory are handed out at once: with a few columns they stay in the second-level cache.
const PIECE_ROWS: usize = 16 << 10;

/// Blocks that are there.
struct Held(Vec<DataFrame>);

impl Source for Held {
    fn describe(&self) -> String {
        let bytes = self.0.iter().map(|block| block.estimated_size() as u64).sum();
        format!("{} in memory, {}", counted(self.0.len(), "block"), Bytes(bytes))
    }

    fn read(
        &self,
        partition: usize,
        wanted: &Wanted<'_>,
        sink: &mut dyn Sink,
    ) -> Result<(), Error> {
        hand_out(&self.0[partition], wanted.columns, sink)
    }

    fn rows(&self, partition: usize) -> Option<usize> {
        Some(self.0[partition].height())
    }

    fn bytes(&self, _: &[PlSmallStr], _: Range<usize>) -> u64 {
        0
    }
}

/// Hands out a block in pieces.
pub(crate) fn hand_out(
    block: &DataFrame,
    columns: &[PlSmallStr],
    sink: &mut dyn Sink,
) -> Result<(), Error> {
    let block = selected(block, columns)?;
    if block.height() <= PIECE_ROWS {
        return sink.take(block).map(drop);
    }
    for start in (0..block.height()).step_by(PIECE_ROWS) {
        if sink.take(block.slice(start as i64, PIECE_ROWS))? == ControlFlow::Break(()) {
            break;
        }
    }
    Ok(())
}

/// These columns of a block, which has as many rows also without any.
pub(crate) fn selected(block: &DataFrame, columns: &[PlSmallStr]) -> Result<DataFrame, Error> {
    let columns = columns
        .iter()
        .map(|name| block.column(name).cloned())
        .collect::<Result<Vec<_>, _>>()
        .map_err(Error::polars)?;
    DataFrame::new(block.height(), columns).map_err(Error::polars)
}

/// What makes a partition of an item.
type Make<I> = dyn Fn(&I) -> Result<DataFrame, Error> + Send + Sync;

/// A block for each item of a list.
struct Made<I> {
    items: Vec<I>,
    schema: Arc<Schema>,
    make: Box<Make<I>>,
}

impl<I: Send + Sync> Source for Made<I> {
    fn describe(&self) -> String {
        format!("a function of each of {}", counted(self.items.len(), "item"))
    }

    fn read(
        &self,
        partition: usize,
        wanted: &Wanted<'_>,
        sink: &mut dyn Sink,
    ) -> Result<(), Error> {
        let block = (self.make)(&self.items[partition])
            .map_err(|error| Error::of_function(&format!("item {partition}"), Box::new(error)))?;
        let block = matching(block, &self.schema)
            .map_err(|error| error.reworded(|text| format!("item {partition}: {text}")))?;
        hand_out(&block, wanted.columns, sink)
    }

    fn bytes(&self, _: &[PlSmallStr], _: Range<usize>) -> u64 {
        0
    }
}

/// The block, if it has the columns of the schema, in its order; else what is wrong with it.
pub(crate) fn matching(block: DataFrame, schema: &Schema) -> Result<DataFrame, Error> {
    let own = block.schema();
    for (name, dtype) in schema.iter() {
        match own.get(name) {
            None => {
                let message = format!(
                    "there is no column `{name}` of type {dtype} in the result, which has {}",
                    listed(own)
                );
                return Err(Error::new(ErrorKind::Schema, message));
            }
            Some(found) if found != dtype => {
                let message = format!(
                    "column `{name}` of the result is of type {found}, and {dtype} was said; cast it in the function, or say {found}"
                );
                return Err(Error::new(ErrorKind::Schema, message));
            }
            Some(_) => {}
        }
    }
    if let Some(extra) = own.iter_names().find(|name| !schema.contains(name)) {
        let message = format!("column `{extra}` of the result was not said: {}", listed(schema));
        return Err(Error::new(ErrorKind::Schema, message));
    }
    let names: Vec<PlSmallStr> = schema.iter_names_cloned().collect();
    selected(&block, &names)
}

/// The columns of a schema with their types, at most ten.
pub(crate) fn listed(schema: &Schema) -> String {
    let some: Vec<String> =
        schema.iter().take(10).map(|(name, dtype)| format!("{name}: {dtype}")).collect();
    match schema.len() {
        0 => "no columns".to_owned(),
        n if n > 10 => format!("{} and {} more", some.join(", "), n - 10),
        _ => some.join(", "),
    }
}

impl Frame {
    /// A frame of rows that are in memory, in `partitions` parts of about the same number of rows, each with one at least.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::prelude::*;
    /// let frame = Frame::from_polars(df!("x" => [1, 2, 3])?, 2);
    /// assert_eq!(frame.partitions(), 2);
    /// assert_eq!(frame.compute()?, df!("x" => [1, 2, 3])?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Cost
    /// O(partitions · columns): rows are shared, not copied.
    #[track_caller]
    pub fn from_polars(frame: DataFrame, partitions: usize) -> Frame {
        let rows = frame.height();
        let count = partitions.clamp(1, rows.max(1));
        // The first ones have a row more where it does not come out even.
        let start = |at: usize| at * (rows / count) + at.min(rows % count);
        let blocks =
            (0..count).map(|at| frame.slice(start(at) as i64, start(at + 1) - start(at))).collect();
        let schema = frame.schema().clone();
        Frame::of_source(
            "from_polars",
            Location::caller(),
            Ok((Arc::new(Held(blocks)), schema, count)),
        )
    }

    /// A frame whose partitions are these, which have the same columns.
    ///
    /// # Errors
    /// One that has other columns ([`Schema`](ErrorKind::Schema)), and none at all ([`Value`](ErrorKind::Value)), are errors of the frame.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::{ErrorKind, prelude::*};
    /// let frame = Frame::from_partitions([df!("x" => [1, 2])?, df!("x" => [3])?]);
    /// assert_eq!(frame.compute()?.height(), 3);
    /// let other = Frame::from_partitions([df!("x" => [1, 2])?, df!("y" => [3])?]);
    /// assert_eq!(other.check().unwrap_err().kind(), ErrorKind::Schema);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn from_partitions(partitions: impl IntoIterator<Item = DataFrame>) -> Frame {
        let blocks: Vec<DataFrame> = partitions.into_iter().collect();
        Frame::of_source("from_partitions", Location::caller(), held(blocks))
    }

    /// A frame with a partition for each item, which the function makes when it is needed: rows that are read from somewhere, or simulated.
    ///
    /// `schema` is what the function gives: a frame without rows will do. The function may return a `DataFrame` or a `Result` of one.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::prelude::*;
    /// let squares = |n: &i64| df!("n" => [*n], "square" => [n * n]);
    /// let frame = Frame::from_map(1..=4_i64, squares, df!("n" => [0_i64], "square" => [0_i64])?);
    /// assert_eq!(frame.sum().compute()?, df!("n" => [10_i64], "square" => [30_i64])?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// What the function returns, its panics, and columns that are not those of `schema`, when the frame is computed; the item is named by its
    /// place.
    #[track_caller]
    pub fn from_map<I, R>(
        items: impl IntoIterator<Item = I>,
        make: impl Fn(&I) -> R + Send + Sync + 'static,
        schema: DataFrame,
    ) -> Frame
    where
        I: Send + Sync + 'static,
        R: FrameOutcome,
    {
        let items: Vec<I> = items.into_iter().collect();
        let count = items.len();
        let schema = schema.schema().clone();
        let make = Box::new(move |item: &I| make(item).outcome());
        let source = Made { items, schema: schema.clone(), make };
        let made = match count {
            0 => Err(Error::new(
                ErrorKind::Value,
                "there is no item, so there would be no partition",
            )),
            _ => Ok((Arc::new(source) as Arc<dyn Source>, schema, count)),
        };
        Frame::of_source("from_map", Location::caller(), made)
    }
}

/// A source of blocks that are there, its schema, and the number of its partitions.
fn held(blocks: Vec<DataFrame>) -> Result<(Arc<dyn Source>, Arc<Schema>, usize), Error> {
    let Some(first) = blocks.first() else {
        return Err(Error::new(
            ErrorKind::Value,
            "there is no partition: an empty frame has one without rows",
        ));
    };
    let schema = first.schema().clone();
    let blocks = blocks
        .into_iter()
        .enumerate()
        .map(|(at, block)| {
            matching(block, &schema).map_err(|error| {
                error.reworded(|text| format!("partition {at} differs from the first one: {text}"))
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    let count = blocks.len();
    Ok((Arc::new(Held(blocks)), schema, count))
}

/// The node of blocks that have been computed for another one.
pub(crate) fn kept(of: &Node, blocks: Vec<DataFrame>) -> Node {
    Node {
        kind: crate::node::Kind::Source(Arc::new(Held(blocks))),
        schema: of.schema.clone(),
        partitions: of.partitions,
        divisions: of.divisions.clone(),
        name: "persist",
        location: of.location,
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::DataFrame {}
    impl<E> Sealed for Result<super::DataFrame, E> {}
}

/// What a function that makes partitions may return: a `DataFrame`, or a `Result` of one with an error that can be boxed.
#[diagnostic::on_unimplemented(
    message = "the function gives `{Self}`, and a `DataFrame` is wanted",
    label = "this function has to return a `DataFrame`, or a `Result` of one with an error that can be boxed"
)]
pub trait FrameOutcome: sealed::Sealed + 'static {
    #[doc(hidden)]
    fn outcome(self) -> Result<DataFrame, Error>;
}

impl FrameOutcome for DataFrame {
    fn outcome(self) -> Result<DataFrame, Error> {
        Ok(self)
    }
}

impl<E: Into<Box<dyn std::error::Error + Send + Sync>> + 'static> FrameOutcome
    for Result<DataFrame, E>
{
    fn outcome(self) -> Result<DataFrame, Error> {
        self.map_err(|error| Error::of_function("the function failed", error.into()))
    }
}
