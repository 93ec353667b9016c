//! The same elements in C order, in another shape.
//!
//! In: an array and a shape of as many elements. Out: for constants, for what follows from an element's place, and for memory and files in C order, another source; for all else a custom
//! expression over chunks that are stretches of the elements in C order. Where the chunks of an array are no such stretches it is rechunked first, and no chunk gets
//! larger than the largest one was, or 4 MiB.
//!
//! ```text
//! shape [4, 6] in chunks of [2, 6]     stretches:  0..12, 12..24          kept
//! shape [4, 6] in chunks of [4, 3]     no stretches                       rechunked
//! ```

use crate::array::Array;
use crate::block::Block;
use crate::element::Element;
use crate::error::{Error, ErrorKind, counted};
use crate::expr::{Custom, Expr, ExprRef, Kind, Source};
use crate::grid::{Chunks, Dims, Grid, c_strides, check_size, number, shown};
use crate::map::Map;
use crate::rearrange::regridded;
use crate::sizes::{CHUNK_BYTES, check_made};
use crate::tile::Piece;
use crate::views::view_in;
use ndarray::{Dimension, IntoDimension, Ix1};
use smallvec::smallvec;
use std::ops::Range;
use std::sync::Arc;

/// The length of an axis that follows from the others, in [`Array::reshape`]; NumPy's -1. As the length of chunks, in [`Array::rechunk`] and wherever [`Chunks`] are wanted, it is the whole axis:
/// dask's -1. No other function infers a length.
pub const INFERRED: usize = usize::MAX;

impl<A: Element, D: Dimension> Array<A, D> {
    /// The elements in C order, as an array of another shape, of which one length may be [`INFERRED`].
    ///
    /// # Errors
    /// Carried by the array: the shapes have to have as many elements; a length that follows from the others; and what is copied no more than 256 TiB.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::arange(0, 6, 1).reshape([2, 3]);
    /// assert_eq!(x.compute()?, ndarray::arr2(&[[0, 1, 2], [3, 4, 5]]));
    /// assert_eq!(x.reshape([array::INFERRED, 2]).shape(), [3, 2]);
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Cost
    /// Nothing for the shape that the array has, nor for an array that is made, or in memory or in one file in C order. Else a copy, and another one if the chunks are not whole along all axes but the first ones. No chunk of
    /// the result, nor of what it is rechunked to on the way, has more bytes than the largest chunk of the array, or 4 MiB if that is more.
    #[track_caller]
    pub fn reshape<E: Dimension>(&self, shape: impl IntoDimension<Dim = E>) -> Array<A, E> {
        let shape = shape.into_dimension();
        self.step(|expr| reshaped("reshape", expr, &inferred(shape.slice(), &expr.shape)?))
    }

    /// The elements in C order, as an array of rank 1.
    #[doc(alias = "ravel")]
    #[track_caller]
    pub fn flatten(&self) -> Array<A, Ix1> {
        self.step(|expr| reshaped("flatten", expr, &[expr.shape.iter().product()]))
    }
}

/// Whether each chunk is a stretch of the elements in C order: chunks of length 1, then any, then whole axes.
fn is_stretches(shape: &[usize], grid: &Grid) -> bool {
    let is_whole = |axis: usize| grid.count_along(axis) == 1;
    let partly = (0..shape.len()).rev().find(|&axis| !is_whole(axis)).unwrap_or(0);
    (0..partly).all(|axis| shape[axis] <= 1 || grid.count_along(axis) == shape[axis])
}

/// The shape with the length that is [`INFERRED`], if there is one, for so many elements as `from` has.
fn inferred(shape: &[usize], from: &[usize]) -> Result<Dims, Error> {
    let mut lengths = Dims::from_slice(shape);
    let Some(axis) = shape.iter().position(|&len| len == INFERRED) else { return Ok(lengths) };
    let (others, elements) = (known(shape), from.iter().product::<usize>());
    let wrong = |why: &str| {
        let message = format!(
            "cannot reshape shape {from:?} with {} to {}: {why}",
            counted(elements, "element"),
            shown(shape)
        );
        Err(Error::new(ErrorKind::Shape, message))
    };
    if shape[axis + 1..].contains(&INFERRED) {
        return wrong("only one length follows from the others; say the rest");
    }
    match others {
        Some(0) => wrong("beside a length of 0 any other would do; say it"),
        Some(others) if elements.is_multiple_of(others) => {
            lengths[axis] = elements / others;
            Ok(lengths)
        }
        Some(others) => {
            wrong(&format!("the other lengths make {others}, of which this is no multiple"))
        }
        None => wrong("the other lengths make too many"),
    }
}

/// The product of the lengths that are said, if it can be counted.
fn known(shape: &[usize]) -> Option<usize> {
    let said = shape.iter().filter(|&&len| len != INFERRED);
    said.copied().try_fold(1_usize, usize::checked_mul)
}

fn reshaped(name: &'static str, expr: &ExprRef, shape: &[usize]) -> Result<Expr, Error> {
    let elements = |shape: &[usize]| shape.iter().try_fold(1_usize, |n, &len| n.checked_mul(len));
    if elements(shape) != elements(&expr.shape) {
        let count = elements(shape).map_or("too many".to_owned(), |count| count.to_string());
        let message = format!(
            "cannot reshape shape {:?} with {} to {shape:?}, which has {count}",
            &expr.shape[..],
            counted(expr.shape.iter().product(), "element")
        );
        return Err(Error::new(ErrorKind::Shape, message));
    }
    if *shape == expr.shape[..] && !matches!(expr.kind, Kind::Source(_)) {
        let grid = expr.grid.clone();
        return Ok(view_in(name, expr, Map::identity(shape.len()), shape.into(), grid));
    }
    let size = expr.dtype.size;
    check_size(shape, size)?;
    // Not more of an array beyond 256 GiB, as where nobody says more: there are no more chunks than before.
    let elements = expr.grid.largest().max(CHUNK_BYTES / size.max(1));
    let bytes = elements.saturating_mul(size);
    let grid = Grid::new(shape, &Chunks::bytes(bytes), size)?;
    let stored = match &expr.kind {
        Kind::Source(Source::Stored(stored)) => stored.reshaped(shape),
        _ => None,
    };
    let kind = match &expr.kind {
        _ if let Some(stored) = stored => Kind::Source(Source::Stored(stored)),
        Kind::Source(Source::Constant(value)) => Kind::Source(Source::Constant(value.clone())),
        Kind::Source(Source::Generated { make, is_cheap }) => {
            Kind::Source(Source::Generated { make: make.clone(), is_cheap: *is_cheap })
        }
        Kind::Source(Source::Memory(block)) if block.is_c_order() => {
            Kind::Source(Source::Memory(block.part(shape.into(), c_strides(shape), block.offset)))
        }
        _ => {
            check_made(shape, &grid, size, "slice the array before this step, to what is needed")?;
            let input = match is_stretches(&expr.shape, &expr.grid) {
                true => expr.clone(),
                false => {
                    let chunks = Chunks::bytes(bytes);
                    Arc::new(regridded(expr, Grid::new(&expr.shape, &chunks, size)?))
                }
            };
            Kind::Custom { make: Arc::new(Reshaped), inputs: vec![input] }
        }
    };
    let (dtype, of, location) = (expr.dtype, expr.of, expr.location);
    Ok(Expr { kind, name, dtype, of, shape: shape.into(), grid, location })
}

/// Stretches of elements from other such stretches.
struct Reshaped;

/// Where a chunk begins, counted in C order, and how many elements it has.
fn stretch(expr: &Expr, at: &[usize]) -> (usize, usize) {
    let (origin, strides) = (expr.grid.origin(at), c_strides(&expr.shape));
    let start = origin.iter().zip(&strides).map(|(&at, &stride)| at * stride as usize).sum();
    (start, expr.grid.chunk_shape(at).iter().product())
}

/// The chunk that holds an element, counted in C order.
fn chunk_of(expr: &Expr, element: usize) -> Dims {
    let index = crate::grid::position(element, &expr.shape);
    index.iter().enumerate().map(|(axis, &at)| expr.grid.chunk_at(axis, at)).collect()
}

impl Reshaped {
    /// Calls `f` with the position of each chunk of the input that has elements of the stretch.
    fn each(input: &Expr, start: usize, len: usize, mut f: impl FnMut(&[usize])) {
        let mut at = start;
        while at < start + len {
            let chunk = chunk_of(input, at);
            f(&chunk);
            let (first, elements) = stretch(input, &chunk);
            at = first + elements;
        }
    }
}

impl Custom for Reshaped {
    fn needs(&self, expr: &Expr, at: &[usize], need: &mut dyn FnMut(usize, usize)) {
        let (start, len) = stretch(expr, at);
        for input in expr.inputs() {
            Self::each(input, start, len, |chunk| need(0, number(chunk, &input.grid.counts())));
        }
    }

    fn make(&self, expr: &Expr, at: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        let (start, len) = stretch(expr, at);
        let shape = expr.grid.chunk_shape(at);
        let mut blocks = blocks.into_iter();
        let mut parts = Vec::new();
        for input in expr.inputs() {
            Self::each(input, start, len, |chunk| {
                let Some(block) = blocks.next() else { return };
                let (first, elements) = stretch(input, chunk);
                let both = first.max(start)..(first + elements).min(start + len);
                let part = both.start - first..both.end - first;
                parts.push((block, part, both.start - start));
            });
        }
        let piece = |(block, part, to): (Block, Range<usize>, usize)| {
            let from = in_line(expr, block)?.within(std::slice::from_ref(&part));
            Ok(Piece { from, to: smallvec![to] })
        };
        let mut pieces = parts.into_iter().map(piece).collect::<Result<Vec<_>, Error>>()?;
        let line = match &mut pieces[..] {
            [only] if only.from.len() == len => only.from.clone(),
            _ => expr.of.gather(smallvec![len], &pieces)?,
        };
        Ok(line.part(shape.clone(), c_strides(&shape), line.offset))
    }
}

/// The block's elements in C order, as a block of rank 1.
fn in_line(expr: &Expr, block: Block) -> Result<Block, Error> {
    let block = match block.is_c_order() {
        true => block,
        false => {
            let (shape, to) = (block.shape.clone(), Dims::from_elem(0, block.shape.len()));
            expr.of.gather(shape, &[Piece { from: block, to }])?
        }
    };
    Ok(block.part(smallvec![block.len()], smallvec![1], block.offset))
}
