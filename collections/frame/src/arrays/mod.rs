//! Frames of arrays, and arrays of frames. Behind the feature `array`.
//!
//! In: arrays and names of columns; frames. Out: frames with a partition for each block of rows, and arrays with a chunk for each partition. The
//! graph of one goes on in that of the other: what an array needs of a frame is known when the array's tasks are added, and the other way round,
//! so each promises the other its blocks, and what nobody needs is not made.
//!
//! ```text
//! array   blocks of rows × of columns ─┐              a chunk for each partition      ─► array
//!         each column is copied once ─► partition ─►  each piece of it is copied once ─┘
//! ```
//! Not here: which values fit (`element`), and arrays themselves (`taskweave-array`).

mod element;
mod fill;
mod lengths;
mod to;

pub use element::ArrayElement;

use crate::divisions::Divisions;
use crate::error::{Error, ErrorKind, counted};
use crate::expr::{Expr, IntoExprs};
use crate::frame::Frame;
use crate::node::{Custom, Kind, Names, Need, Node, NodeRef};
use crate::pipeline::guarded;
use crate::select::expect_names;
use polars_core::prelude::{DataFrame, Field, PlSmallStr, Schema};
use std::panic::Location;
use std::sync::Arc;
use taskweave_array::__foreign::{Block, Elements, Foreign};
use taskweave_array::ndarray::{ArrayView2, Axis, Ix1, Ix2, Slice};
use taskweave_array::{AnyArray, Array};
use taskweave_macros::delayed;
use taskweave_runtime::{Builder, Delayed};

/// So many rows of all columns are copied before the next ones, in either direction: where an array lies row by row, they stay in the cache while
/// column by column goes over them.
const TILE_ROWS: usize = 256;

/// The ranks of arrays that are frames: 1, a column, and 2, a column for each index of the second axis.
#[diagnostic::on_unimplemented(
    message = "an array of rank `{Self}` is no frame",
    label = "a frame has rows and columns: an array of rank 1 or 2 is wanted here",
    note = "`into_dimensionality::<Ix2>()` gives the rank of an array of `IxDyn`, `reshape` another one"
)]
pub trait ArrayRank: sealed::Sealed + Sized {
    #[doc(hidden)]
    fn table<T: ArrayElement>(array: Array<T, Self>) -> Array<T, Ix2>;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Ix1 {}
    impl Sealed for super::Ix2 {}
}

impl ArrayRank for Ix1 {
    fn table<T: ArrayElement>(array: Array<T, Ix1>) -> Array<T, Ix2> {
        array.insert_axis(Axis(1))
    }
}

impl ArrayRank for Ix2 {
    fn table<T: ArrayElement>(array: Array<T, Ix2>) -> Array<T, Ix2> {
        array
    }
}

/// Where the chunks of an array lie, and how columns are taken out of them.
struct Cut {
    /// Of the chunks along each axis.
    rows: Vec<usize>,
    columns: Vec<usize>,
    copy: CopyOut,
}

/// See [`copied`].
type CopyOut = fn(usize, &[Place], &[Block]) -> Result<DataFrame, Error>;

/// A column of a partition: its name, and of which block it is which column.
struct Place {
    name: PlSmallStr,
    block: usize,
    column: usize,
}

/// An array of which each partition is a row of chunks.
struct Rows<T> {
    array: Array<T, Ix2>,
    cut: Arc<Cut>,
}

impl<T: ArrayElement> Custom for Rows<T> {
    fn needs(&self, _: &Node, _: usize) -> Vec<Need> {
        Vec::new()
    }

    fn needed_columns(&self, _: &Node, _: usize, _: &Names) -> Names {
        Names::new()
    }

    fn make(&self, _: &Node, _: usize, _: Vec<DataFrame>) -> Result<DataFrame, Error> {
        unreachable!("each partition has a task of its own kind")
    }

    fn lengths(&self) -> Option<Vec<usize>> {
        Some(self.cut.rows.clone())
    }

    fn describe(&self) -> String {
        format!("of shape {:?}", self.array.shape())
    }

    fn add<'g, 'env>(
        &self,
        node: &NodeRef,
        wanted: &Arc<[PlSmallStr]>,
        partition: usize,
        builder: &'g Builder<'env>,
    ) -> Option<Delayed<'g, 'env, DataFrame>> {
        let (places, along) = self.cut.places(&node.schema, wanted);
        // What is without rows is made of nothing.
        let along = if self.cut.rows[partition] == 0 { Vec::new() } else { along };
        let first = partition * self.cut.columns.len();
        let chunks = along.into_iter().map(|chunk| first + chunk).collect();
        let blocks = self.array.lent(builder, chunks);
        let task = table::task_or_fail(node.clone(), self.cut.clone(), partition, places, blocks);
        Some(builder.add_at(node.location, task).named(node.name))
    }
}

impl Cut {
    /// Where the wanted columns are, and which chunks along the second axis they are in.
    fn places(&self, schema: &Schema, wanted: &[PlSmallStr]) -> (Vec<Place>, Vec<usize>) {
        let (mut places, mut chunks) = (Vec::with_capacity(wanted.len()), Vec::new());
        let (mut chunk, mut first) = (0, 0);
        // They come in the order of the schema.
        for name in wanted {
            let at = schema.index_of(name).expect("what is wanted is there");
            while at >= first + self.columns[chunk] {
                first += self.columns[chunk];
                chunk += 1;
            }
            if chunks.last() != Some(&chunk) {
                chunks.push(chunk);
            }
            places.push(Place { name: name.clone(), block: chunks.len() - 1, column: at - first });
        }
        (places, chunks)
    }
}

/// A partition of the chunks beside each other that its columns are in.
#[delayed(crate = crate::__door)]
fn table(
    node: NodeRef,
    cut: Arc<Cut>,
    at: usize,
    places: Vec<Place>,
    blocks: Vec<Block>,
) -> Result<DataFrame, Error> {
    guarded(&node, || (cut.copy)(cut.rows[at], &places, &blocks))
}

/// Copies so many rows out of blocks.
fn copied<T: ArrayElement>(
    rows: usize,
    places: &[Place],
    blocks: &[Block],
) -> Result<DataFrame, Error> {
    let view = |block| -> ArrayView2<'_, T> {
        let view = Elements::elements::<T>(block).into_dimensionality();
        view.expect("blocks of an array of rank 2")
    };
    let views: Vec<_> = blocks.iter().map(view).collect();
    let mut all: Vec<Vec<T>> = places.iter().map(|_| Vec::with_capacity(rows)).collect();
    for first in (0..rows).step_by(TILE_ROWS) {
        let tile = Slice::from(first..rows.min(first + TILE_ROWS));
        for (place, values) in places.iter().zip(&mut all) {
            let column = views[place.block].column(place.column);
            values.extend(column.slice_axis(Axis(0), tile));
        }
    }
    let columns = places.iter().zip(all);
    let columns = columns.map(|(place, values)| T::column(place.name.clone(), values)).collect();
    DataFrame::new(rows, columns).map_err(Error::polars)
}

impl Frame {
    /// A frame of an array, lazy or of `ndarray`: of rank 2 with a column for each index of the second axis, of rank 1 with one column. Its elements are
    /// `bool`, integers or floats, and the columns are of that type, without nulls: NaN stays NaN.
    ///
    /// Each partition is a block of rows, as the array is cut along its first axis; what is cut along the second one is put beside each other. Other
    /// partitions are those of [`rechunk`](Array::rechunk), before, or of [`repartition`](Frame::repartition), behind.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// # use taskweave_array as array;
    /// use array::Array;
    /// use frame::prelude::*;
    /// let x = Array::from([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]).rechunk([2, 1]);
    /// let frame = Frame::from_array(&x * 10.0, ["a", "b"]);
    /// assert_eq!(frame.partitions(), 2);
    /// assert_eq!(frame.filter(col("a").gt(10)).compute()?, df!("a" => [30.0, 50.0], "b" => [40.0, 60.0])?);
    /// // One column.
    /// let frame = Frame::from_array(Array::arange(0, 3, 1), "n");
    /// assert_eq!(frame.compute()?, df!("n" => [0, 1, 2])?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Of the frame: the array's own; more names than columns, or fewer ([`Shape`](ErrorKind::Shape)); a name that is there twice
    /// ([`Column`](ErrorKind::Column)). When it is computed: what goes wrong with the array's blocks ([`Task`](ErrorKind::Task)).
    ///
    /// # Cost
    /// Nothing is computed before the frame is. Then elements are copied once, from blocks to columns, a task a partition; of the array only those
    /// chunks are computed that have a column that is needed, and each is gone when its partition is there.
    #[doc(alias = "from_dask_array")]
    #[doc(alias = "from_records")]
    #[cfg_attr(docsrs, doc(cfg(feature = "array")))]
    #[track_caller]
    pub fn from_array<T: ArrayElement, D: ArrayRank>(
        array: impl AnyArray<T, Dim = D>,
        names: impl IntoExprs,
    ) -> Frame {
        let (name, location) = ("from_array", Location::caller());
        let array = D::table(array.lazy());
        let made = array.check().map_err(Error::from).and_then(|()| {
            let names = names_of(&names.into_exprs(), array.shape())?;
            let field = |name| Field::new(name, T::DATA_TYPE);
            let schema: Schema = names.into_iter().map(field).collect();
            let (rows, columns) = (array.chunk_lengths(0), array.chunk_lengths(1));
            let partitions = rows.len();
            let cut = Arc::new(Cut { rows, columns, copy: copied::<T> });
            let make = Arc::new(Rows { array, cut });
            let (kind, schema) = (Kind::Custom { inputs: Vec::new(), make }, Arc::new(schema));
            let divisions = Divisions::Unknown;
            Ok(Node { kind, schema, partitions, divisions, name, location })
        });
        Frame::made(name, location, made)
    }
}

/// A name for each column.
fn names_of(names: &[Expr], shape: &[usize]) -> Result<Vec<PlSmallStr>, Error> {
    if names.len() != shape[1] {
        let columns = counted(shape[1], "column");
        let message = format!(
            "an array of shape {shape:?} has {columns}, and {} given: say one for each",
            match names.len() {
                1 => "1 name is".to_owned(),
                n => format!("{n} names are"),
            }
        );
        return Err(Error::new(ErrorKind::Shape, message));
    }
    expect_names(names)?;
    let name = |expr: &Expr| {
        let message = || {
            format!(
                "`{expr}` is no name of a column: give texts, as in `[\"a\", \"b\"]`, and compute with `with_columns` behind it"
            )
        };
        let name = expr.as_column().cloned();
        name.ok_or_else(|| Error::new(ErrorKind::Expression, message()))
    };
    names.iter().map(name).collect()
}
