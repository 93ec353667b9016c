//! Blocks that other collections of this workspace read, and blocks that they make: how a frame becomes an array, and an array a frame, in one graph.
//!
//! In: chunks that are wanted of an array while tasks are added, and for an array of another collection what promises the blocks. Out: promises of blocks, which are fulfilled when all of the
//! graph's tasks are known, so that chunks that nobody wants are not made, and what several have in common is made once.
//!
//! Not here: graphs of the user's, which make blocks too (`held`), and whole arrays in graphs (`together`). Not public: it changes without notice.

use crate::array::Array;
use crate::block::Block;
use crate::element::Element;
use crate::error::{Error, ErrorKind};
use crate::expr::{Custom, Expr, ExprRef, Kind};
use crate::grid::{Chunks, Dims, Grid, check_size, number};
use crate::tile::type_of;
use crate::together::lent;
use ndarray::{ArrayViewD, Dimension, Ix2};
use std::panic::Location;
use std::sync::Arc;
use taskweave_macros::delayed;
use taskweave_runtime::__private::Promise;
use taskweave_runtime::{Builder, Delayed};

/// What makes the blocks of an array elsewhere.
pub trait Blocks: Send + Sync + 'static {
    /// Promises some blocks, of which one is that of the chunk of this number, in its shape; the others have no elements.
    fn promise(&self, chunk: usize, builder: &Builder<'_>) -> Promise<Block>;
}

/// What a block is made with elsewhere, and how it is read there.
pub trait Elements: Sized {
    /// The elements, as they lie.
    fn elements<A: Element>(&self) -> ArrayViewD<'_, A>;

    /// A block of this shape. `fill` has to write all of it, in C order: what an earlier block has left is still there.
    fn filled<A: Element, E: From<Error>>(
        shape: [usize; 2],
        fill: impl FnOnce(&mut [A]) -> Result<(), E>,
    ) -> Result<Self, E>;
}

impl Elements for Block {
    fn elements<A: Element>(&self) -> ArrayViewD<'_, A> {
        self.view()
    }

    fn filled<A: Element, E: From<Error>>(
        shape: [usize; 2],
        fill: impl FnOnce(&mut [A]) -> Result<(), E>,
    ) -> Result<Block, E> {
        let shape = Dims::from_slice(&shape);
        let mut buffer = crate::pool::buffer(&shape, A::default())?;
        fill(&mut buffer)?;
        Ok(Block::from_buffer(buffer, shape))
    }
}

/// What an array is to other collections.
pub trait Foreign: Sized {
    /// These chunks, by their numbers in C order. Of an array with an error there are none.
    fn lent(&self, builder: &Builder<'_>, chunks: Vec<usize>) -> Promise<Block>;

    /// The array that cannot be made, and why.
    fn refused(error: Error) -> Self;
}

impl<A: Element, D: Dimension + 'static> Foreign for Array<A, D> {
    fn lent(&self, builder: &Builder<'_>, chunks: Vec<usize>) -> Promise<Block> {
        lent(builder, self.state.as_ref().ok(), chunks)
    }

    fn refused(error: Error) -> Array<A, D> {
        Array::from_state(Err(error))
    }
}

/// What errors of other collections are to arrays.
pub trait OfOther {
    /// The error of a step at `location`, with that of the other collection behind it.
    fn of_other(
        operation: &'static str,
        location: &'static Location<'static>,
        kind: ErrorKind,
        message: String,
        source: Arc<dyn std::error::Error + Send + Sync>,
    ) -> Self;
}

impl OfOther for Error {
    fn of_other(
        operation: &'static str,
        location: &'static Location<'static>,
        kind: ErrorKind,
        message: String,
        source: Arc<dyn std::error::Error + Send + Sync>,
    ) -> Error {
        Error::with_source(kind, message, source).of_call(operation, location)
    }
}

/// What is made of the blocks of other collections.
pub trait OfBlocks: Sized {
    /// An array of whole rows, in chunks of these lengths, none of which is 0 unless it is the only one.
    fn of_blocks(
        operation: &'static str,
        location: &'static Location<'static>,
        lengths: Vec<usize>,
        columns: usize,
        blocks: Arc<dyn Blocks>,
    ) -> Self;
}

impl<A: Element> OfBlocks for Array<A, Ix2> {
    fn of_blocks(
        operation: &'static str,
        location: &'static Location<'static>,
        lengths: Vec<usize>,
        columns: usize,
        blocks: Arc<dyn Blocks>,
    ) -> Array<A, Ix2> {
        let rows = lengths.iter().try_fold(0_usize, |rows, &len| rows.checked_add(len));
        let shape = [rows.unwrap_or(usize::MAX), columns];
        let chunks = Chunks::from(vec![lengths, vec![columns]]);
        let made = check_size(&shape, size_of::<A>())
            .and_then(|()| Grid::new(&shape, &chunks, size_of::<A>()))
            .map(|grid| Expr {
                kind: Kind::Custom { make: Arc::new(Made(blocks)), inputs: Vec::new() },
                name: operation,
                dtype: A::DTYPE,
                of: type_of::<A>(),
                shape: shape[..].into(),
                grid,
                location,
            });
        Array::made_at(operation, location, made)
    }
}

/// Blocks that tasks of another collection make.
struct Made(Arc<dyn Blocks>);

impl Custom for Made {
    fn needs(&self, _: &Expr, _: &[usize], _: &mut dyn FnMut(usize, usize)) {}

    fn make(&self, _: &Expr, _: &[usize], _: Vec<Block>) -> Result<Block, Error> {
        unreachable!("each block has a task of its own kind")
    }

    fn add<'g, 'env>(
        &self,
        expr: &ExprRef,
        at: &[usize],
        builder: &'g Builder<'env>,
    ) -> Option<Delayed<'g, 'env, Block>> {
        let promised = self.0.promise(number(at, &expr.grid.counts()), builder);
        let task = given::task_or_fail(expr.clone(), Dims::from(at), promised);
        Some(builder.add_at(expr.location, task).named(expr.name))
    }
}

/// The block of a chunk: the others have no elements.
#[delayed(crate = crate::__door)]
fn given(expr: ExprRef, at: Dims, blocks: Vec<Block>) -> Result<Block, Error> {
    let shape = expr.grid.chunk_shape(&at);
    let own = blocks.into_iter().find(|block| block.shape == shape);
    own.ok_or_else(|| {
        let message = format!("there is no block of shape {:?} at {:?}", &shape[..], &at[..]);
        Error::new(ErrorKind::Shape, message)
    })
}
