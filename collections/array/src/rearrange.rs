//! Other chunks of the same array.
//!
//! In: an expression and a grid. Out: for a source, another source; for all else a custom expression, whose blocks are put together from the parts of the old chunks that they overlap, by way of coarser
//! chunks if these parts would be very many and small.
//!
//! Not here: what needs no copy (`views`), and other arrangements of the elements (`join`, `select`, `reshape`).

use crate::array::Array;
use crate::block::Block;
use crate::coarse::by_way_of;
use crate::element::Element;
use crate::error::Error;
use crate::expr::{Custom, Expr, ExprRef, Kind, Source};
use crate::grid::{Chunks, Dims, Grid, number, position};
use crate::map::Map;
use crate::tile::Piece;
use crate::views::seen_grid;
use ndarray::Dimension;
use std::ops::Range;
use std::sync::Arc;

impl<A: Element, D: Dimension> Array<A, D> {
    /// The same array in other chunks: of a length for each axis, or of one for all. [`INFERRED`](crate::INFERRED) is the whole axis, dask's -1.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use array::{Array, INFERRED};
    /// let x = Array::<f64, _>::ones([100, 90]).rechunk(40);
    /// assert_eq!(x.rechunk([INFERRED, 30]).chunk_lengths(0), [100]);
    /// assert_eq!(x.rechunk(INFERRED).chunk_count(), 1);
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Errors
    /// Carried by the array: chunks have to fit the shape.
    ///
    /// # Cost
    /// Nothing for an array that is made, in memory or in a file. Else each new chunk is a task that copies from all old chunks that it overlaps, which are held until the last such task has run:
    /// from rows to columns, all of the array. Where old and new chunks have very many small pieces in common, neighbours are taken together on the way. [`rechunk_within`](Array::rechunk_within) holds less.
    #[track_caller]
    pub fn rechunk(&self, chunks: impl Into<Chunks>) -> Array<A, D> {
        let chunks = chunks.into();
        self.step(|expr| Ok(regridded(expr, Grid::new(&expr.shape, &chunks, size_of::<A>())?)))
    }
}

/// The expression in the chunks of `grid`.
pub(crate) fn regridded(expr: &ExprRef, grid: Grid) -> Expr {
    let kind = match &expr.kind {
        Kind::Source(Source::Constant(value)) => Kind::Source(Source::Constant(value.clone())),
        Kind::Source(Source::Memory(block)) => Kind::Source(Source::Memory(block.clone())),
        Kind::Source(Source::Generated { make, is_cheap }) => {
            Kind::Source(Source::Generated { make: make.clone(), is_cheap: *is_cheap })
        }
        Kind::Source(Source::Stored(stored)) => Kind::Source(Source::Stored(stored.clone())),
        // A view that was cut for its size may be cut otherwise.
        Kind::View { input, map } if grid.refines(&seen_grid(input, map, &expr.shape)) => {
            Kind::View { input: input.clone(), map: map.clone() }
        }
        // Each new chunk is a part of an old one, so there is nothing to put together.
        _ if grid.refines(&expr.grid) => {
            Kind::View { input: expr.clone(), map: Map::identity(expr.shape.len()) }
        }
        _ => {
            let Some([first, second]) = by_way_of(&expr.grid, &grid, expr.dtype.size) else {
                return put_together(expr, grid);
            };
            let coarse = put_together(&Arc::new(put_together(expr, first)), second);
            Kind::View { input: Arc::new(coarse), map: Map::identity(expr.shape.len()) }
        }
    };
    let (dtype, of, location) = (expr.dtype, expr.of, expr.location);
    Expr { kind, name: "rechunk", dtype, of, shape: expr.shape.clone(), grid, location }
}

/// The expression in the chunks of `grid`, each from the old ones that it overlaps.
pub(crate) fn put_together(expr: &ExprRef, grid: Grid) -> Expr {
    let kind = Kind::Custom { make: Arc::new(Regrid), inputs: vec![expr.clone()] };
    let (dtype, of, location) = (expr.dtype, expr.of, expr.location);
    Expr { kind, name: "rechunk", dtype, of, shape: expr.shape.clone(), grid, location }
}

/// Chunks of one array from other chunks of it.
struct Regrid;

/// The chunks of `grid` that overlap a region, along each axis.
pub(crate) fn overlapping(grid: &Grid, region: &[Range<usize>]) -> Vec<Range<usize>> {
    let along = |(axis, range): (usize, &Range<usize>)| {
        let first = grid.chunk_at(axis, range.start);
        let last = if range.is_empty() { first } else { grid.chunk_at(axis, range.end - 1) };
        first..last + 1
    };
    region.iter().enumerate().map(along).collect()
}

/// Where a chunk lies in its array.
pub(crate) fn region_of(grid: &Grid, at: &[usize]) -> Vec<Range<usize>> {
    at.iter().enumerate().map(|(axis, &at)| grid.range(axis, at)).collect()
}

/// Calls `f` with each position in a box, in C order.
pub(crate) fn each_in(ranges: &[Range<usize>], mut f: impl FnMut(&[usize])) {
    let counts: Dims = ranges.iter().map(Range::len).collect();
    for at in 0..counts.iter().product() {
        let mut position = position(at, &counts);
        for (at, range) in position.iter_mut().zip(ranges) {
            *at += range.start;
        }
        f(&position);
    }
}

/// Calls `need` with the numbers of the chunks of `grid` that overlap the region.
pub(crate) fn needs_of_region(grid: &Grid, region: &[Range<usize>], mut need: impl FnMut(usize)) {
    let counts = grid.counts();
    each_in(&overlapping(grid, region), |chunk| need(number(chunk, &counts)));
}

/// The parts of the chunks of `grid` that lie in the region, to be put together as it; `blocks` are those of [`needs_of_region`].
pub(crate) fn pieces(
    grid: &Grid,
    region: &[Range<usize>],
    blocks: &mut impl Iterator<Item = Block>,
) -> Vec<Piece> {
    let mut pieces = Vec::new();
    each_in(&overlapping(grid, region), |chunk| {
        let Some(block) = blocks.next() else { return };
        let (mut part, mut to) = (Vec::new(), Dims::new());
        for (axis, (&at, want)) in chunk.iter().zip(region).enumerate() {
            let have = grid.range(axis, at);
            let both = have.start.max(want.start)..have.end.min(want.end);
            part.push(both.start - have.start..both.end - have.start);
            to.push(both.start - want.start);
        }
        pieces.push(Piece { from: block.within(&part), to });
    });
    pieces
}

impl Custom for Regrid {
    fn needs(&self, expr: &Expr, at: &[usize], need: &mut dyn FnMut(usize, usize)) {
        for input in expr.inputs() {
            needs_of_region(&input.grid, &region_of(&expr.grid, at), |chunk| need(0, chunk));
        }
    }

    fn make(&self, expr: &Expr, at: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        let region = region_of(&expr.grid, at);
        let mut blocks = blocks.into_iter();
        let pieces = expr.inputs().flat_map(|input| pieces(&input.grid, &region, &mut blocks));
        expr.of.gather(expr.grid.chunk_shape(at), &pieces.collect::<Vec<_>>())
    }

    fn rechunked<'a>(&'a self, expr: &'a Expr) -> Option<&'a ExprRef> {
        expr.inputs().next()
    }
}

/// The expression below those that say nothing but how it is cut: where all elements are wanted, each at its place, chunks do not matter, and nothing has to be put together.
pub(crate) fn in_any_chunks(expr: &ExprRef) -> &ExprRef {
    let (mut found, mut below) = (expr, expr);
    loop {
        below = match &below.kind {
            Kind::Custom { make, .. } => match make.rechunked(below) {
                Some(input) => {
                    found = input;
                    input
                }
                None => return found,
            },
            // Finer chunks are more tasks, so a view is left out only above something that is put together.
            Kind::View { input, map }
                if below.shape == input.shape && *map == Map::identity(below.shape.len()) =>
            {
                input
            }
            _ => return found,
        };
    }
}
