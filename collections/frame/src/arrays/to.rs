//! Arrays of frames.
//!
//! In: frames, and how many rows their partitions have, which an array has to know. Out: arrays with a chunk for each partition that has rows. Each
//! block is filled by the task that reads the partition, piece by piece.
//!
//! - `L1`: a chunk has exactly one partition with rows, unless there is none with rows at all; those without stand beside it, and are computed too, so
//!   that lengths of 0 are checked like others.
//!
//! Not here: counting rows (`lengths`), filling blocks (`fill`).

use super::ArrayElement;
use super::element::expect_fitting;
use super::fill::{Fill, Filled};
use super::lengths;
use crate::error::{Error, ErrorKind, counted};
use crate::frame::Frame;
use crate::lower::Lowering;
use crate::node::NodeRef;
use crate::pipeline::{Pipeline, guarded};
use crate::rows::Step;
use crate::select::rows;
use polars_core::prelude::DataFrame;
use std::collections::HashMap;
use std::ops::Range;
use std::panic::Location;
use std::sync::Arc;
use taskweave_array::__foreign::{Block, Blocks, Foreign, OfBlocks};
use taskweave_array::Array;
use taskweave_array::ndarray::Ix2;
use taskweave_macros::delayed;
use taskweave_runtime::__private::{Fulfilment, Promise};
use taskweave_runtime::Builder;

/// The blocks of an array of a frame.
struct Parts {
    /// A step of its own, which nothing else reads.
    root: NodeRef,
    /// The partitions of each chunk (`L1`).
    of_chunk: Vec<Range<usize>>,
    fill: Arc<dyn Fill>,
}

impl Blocks for Parts {
    fn promise(&self, chunk: usize, builder: &Builder<'_>) -> Promise<Block> {
        let (promise, fulfilment) = builder.promise(add_wanted);
        let (root, fill) = (self.root.clone(), self.fill.clone());
        let partitions = self.of_chunk[chunk].clone();
        builder.with_notes(|wanted: &mut Wanted| {
            wanted.0.push(Want { root, fill, partitions, fulfilment });
        });
        promise
    }
}

/// Blocks that are promised and not there yet.
#[derive(Default)]
struct Wanted(Vec<Want>);

/// A block for each of some partitions.
struct Want {
    root: NodeRef,
    fill: Arc<dyn Fill>,
    partitions: Range<usize>,
    fulfilment: Fulfilment<Block>,
}

/// Adds the tasks of all that is wanted: what frames have in common is computed once.
fn add_wanted(builder: &Builder<'_>) {
    let wants = builder.with_notes(|wanted: &mut Wanted| std::mem::take(&mut wanted.0));
    let mut roots: Vec<NodeRef> = Vec::new();
    let mut ranges: HashMap<_, Range<usize>> = HashMap::new();
    for Want { root, partitions, .. } in &wants {
        let own = ranges.entry(Arc::as_ptr(root)).or_insert_with(|| {
            roots.push(root.clone());
            partitions.clone()
        });
        *own = own.start.min(partitions.start)..own.end.max(partitions.end);
    }
    let lowering = Lowering::of_parts(&roots, |root| ranges[&Arc::as_ptr(root)].clone());
    let below = lowering.add_below(builder);
    let works: HashMap<_, _> =
        roots.iter().map(|root| (Arc::as_ptr(root), Arc::new(lowering.pipeline(root)))).collect();
    for Want { root, fill, partitions, fulfilment } in wants {
        let work = &works[&Arc::as_ptr(&root)];
        let add = |at| {
            let (block, fill) = (below.block_of(work, at), fill.clone());
            let task = elements::task_or_fail(work.clone(), fill, at, block);
            builder.add_at(root.location, task).named(root.name)
        };
        let blocks: Vec<_> = partitions.map(add).collect();
        builder.fulfil(fulfilment, &blocks);
    }
}

/// The elements of a partition.
#[delayed(crate = crate::__door)]
fn elements(
    work: Arc<Pipeline>,
    fill: Arc<dyn Fill>,
    at: usize,
    block: Option<DataFrame>,
) -> Result<Block, taskweave_array::Error> {
    let filled = guarded(&work.of, || fill.block(&work, at, block.as_ref()));
    filled.map_err(|error| error.for_array(work.of.name, work.of.location))
}

impl Frame {
    /// The frame as an array of its numbers: rows along the first axis, columns along the second one, and a chunk for each partition that has rows.
    ///
    /// Columns may be of integers of up to 64 bits, floats or `bool` (decimals and longer integers are cast first), and elements are what the values are: a whole number that `T` does not hold exactly is an
    /// error, so is a fraction where `T` has none, or a null, unless `T` is a float: there null is NaN, as in polars' `to_ndarray`. What is rounded are floats
    /// that become `f32`. One column as an array of rank 1 is `df.select("x").to_array::<f64>().index_axis(Axis(1), 0)`.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::prelude::*;
    /// let frame = Frame::from_polars(df!("a" => [1, 2, 3], "b" => [Some(0.5), None, Some(2.5)])?, 2);
    /// let x = frame.to_array::<f64>();
    /// assert_eq!((x.shape(), x.chunk_lengths(0)), (&[3, 2][..], vec![2, 1]));
    /// assert_eq!(x.nansum().compute()?.into_scalar(), 9.0);
    /// let error = frame.to_array::<i64>().compute().unwrap_err();
    /// assert!(error.to_string().contains("column `b` has 0.5 in row 0"), "{error}");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Carried by the array: the frame's own; columns of texts, dates and their like. Of the task: a value that `T` does not hold, which is told with its
    /// column and row; more rows than were counted, or fewer.
    ///
    /// # Cost
    /// An array has to know its shape. The rows of what is in memory, of Parquet and of arrays are known behind `select`, `with_columns` and their
    /// like; behind other steps (`filter`, `concat`, `sort`, `cum_sum`, `map_partitions`), of CSV and of functions they are counted now, which
    /// computes the frame once without its columns; [`from_graphs`](Frame::from_graphs) is used up by it. [`to_array_with_lengths`](Frame::to_array_with_lengths) counts nothing, [`persist`](Frame::persist) computes the frame once for both.
    ///
    /// All else is computed when the array is: a task a partition, which copies each value once, while it is read; the array's plan counts one more for each.
    #[doc(alias = "to_ndarray")]
    #[doc(alias = "to_numpy")]
    #[doc(alias = "to_dask_array")]
    #[doc(alias = "values")]
    #[cfg_attr(docsrs, doc(cfg(feature = "array")))]
    #[track_caller]
    pub fn to_array<T: ArrayElement>(&self) -> Array<T, Ix2> {
        let call = ("to_array", Location::caller());
        self.array_of(call, None, |frame, node| match lengths::known(node) {
            Some(lengths) => Ok(lengths),
            None => lengths::counted(frame, call.0, call.1),
        })
    }

    /// [`to_array`](Frame::to_array) of a frame of which it is known how many rows each partition has: nothing is counted, and the numbers are checked when the array is computed.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::prelude::*;
    /// let frame = Frame::from_polars(df!("a" => [1, 2, 3, 4])?, 2).filter(col("a").gt(1));
    /// let x = frame.to_array_with_lengths::<i32>([1, 2]);
    /// assert_eq!(x.sum().compute()?.into_scalar(), 9);
    /// let error = frame.to_array_with_lengths::<i32>([2, 2]).compute().unwrap_err();
    /// assert!(error.to_string().contains("partition 0 has 1 row, and was said to have 2"), "{error}");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`to_array`](Frame::to_array); and, carried by the array, more lengths than partitions, or fewer; of the task, a partition that has not as many rows as was said.
    ///
    /// # Cost
    /// As [`to_array`](Frame::to_array), without counting.
    #[doc(alias = "to_dask_array")]
    #[cfg_attr(docsrs, doc(cfg(feature = "array")))]
    #[track_caller]
    pub fn to_array_with_lengths<T: ArrayElement>(
        &self,
        lengths: impl AsRef<[usize]>,
    ) -> Array<T, Ix2> {
        let call = ("to_array_with_lengths", Location::caller());
        self.array_of(call, Some("said to have"), |_, node| {
            let lengths = lengths.as_ref();
            if lengths.len() == node.partitions {
                return Ok(lengths.to_vec());
            }
            let message = format!(
                "{} for a frame of {}: say how many rows each of them has",
                counted(lengths.len(), "length"),
                counted(node.partitions, "partition")
            );
            Err(Error::new(ErrorKind::Shape, message))
        })
    }

    /// The array, of the numbers of rows that `lengths` gives; `said` is how they are known.
    fn array_of<T: ArrayElement>(
        &self,
        (name, location): (&'static str, &'static Location<'static>),
        said: Option<&'static str>,
        lengths: impl FnOnce(&Frame, &NodeRef) -> Result<Vec<usize>, Error>,
    ) -> Array<T, Ix2> {
        let frame = self.step_at(name, location, |input| {
            expect_fitting::<T>(&input.schema)?;
            rows(input, Step::WithColumns(Vec::new()))
        });
        let known = frame.node().and_then(|root| Ok((root.clone(), lengths(&frame, root)?)));
        let (root, lengths) = match known {
            Ok(known) => known,
            Err(error) => return Array::refused(error.for_array(name, location)),
        };
        let of_chunk = chunks(&lengths);
        let rows = of_chunk.iter().map(|parts| lengths[parts.clone()].iter().sum()).collect();
        let columns = root.schema.len();
        let fill = Arc::new(Filled::<T>::new(&root.schema, &lengths, said.unwrap_or("counted as")));
        let blocks = Parts { root, of_chunk, fill };
        Array::of_blocks(name, location, rows, columns, Arc::new(blocks))
    }
}

/// The partitions of each chunk (`L1`).
fn chunks(lengths: &[usize]) -> Vec<Range<usize>> {
    let mut all: Vec<Range<usize>> = Vec::new();
    // Whether the last one has rows.
    let mut is_full = false;
    for (at, &rows) in lengths.iter().enumerate() {
        match all.last_mut() {
            Some(last) if rows == 0 || !is_full => last.end = at + 1,
            _ => {
                all.push(at..at + 1);
                is_full = false;
            }
        }
        is_full |= rows > 0;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::chunks;

    #[test]
    fn partitions_without_rows_stand_beside_one_with_rows() {
        assert_eq!(chunks(&[2, 3]), [0..1, 1..2]);
        assert_eq!(chunks(&[0, 0, 2, 0, 3, 0]), [0..4, 4..6]);
        assert_eq!(chunks(&[0, 0]), [0..2; 1]);
    }
}
