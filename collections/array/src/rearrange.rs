//! Elements that come from several chunks: other chunks of the same array.
//!
//! In: arrays and where their elements are to go. Out: custom expressions, whose blocks are put together from parts of blocks of their inputs. Of a source, other chunks are
//! just another source.
//!
//! Not here: what needs no copy (`views`).

use crate::array::Array;
use crate::block::{Block, buffer};
use crate::element::Element;
use crate::error::Error;
use crate::expr::{Custom, Expr, ExprRef, Kind, Source};
use crate::grid::{Chunks, Dims, Grid, number, position};
use ndarray::{ArrayViewMutD, Axis, Dimension, IxDyn, Slice};
use std::marker::PhantomData;
use std::ops::Range;
use std::sync::Arc;

impl<A: Element, D: Dimension> Array<A, D> {
    /// The same array in other chunks.
    ///
    /// # Errors
    /// Carried by the array: chunks have to fit the shape.
    ///
    /// # Cost
    /// Nothing for an array that is made, in memory or in a file. Else each new chunk is a task that copies from all old chunks that it overlaps.
    #[track_caller]
    pub fn rechunk(&self, chunks: impl Into<Chunks>) -> Array<A, D> {
        let chunks = chunks.into();
        self.step(|expr| {
            let grid = Grid::new(&expr.shape, &chunks, size_of::<A>())?;
            Ok(regridded::<A>(expr, grid))
        })
    }
}

/// The expression in the chunks of `grid`.
pub(crate) fn regridded<A: Element>(expr: &ExprRef, grid: Grid) -> Expr {
    let kind = match &expr.kind {
        _ if expr.grid == grid => identity(expr),
        Kind::Source(Source::Constant(value)) => Kind::Source(Source::Constant(value.clone())),
        Kind::Source(Source::Memory(block)) => Kind::Source(Source::Memory(block.clone())),
        Kind::Source(Source::Generated { make, is_cheap }) => {
            Kind::Source(Source::Generated { make: make.clone(), is_cheap: *is_cheap })
        }
        Kind::Source(Source::Stored(stored)) => Kind::Source(Source::Stored(stored.clone())),
        _ => Kind::Custom { make: Arc::new(Regrid::<A>(PhantomData)), inputs: vec![expr.clone()] },
    };
    let (dtype, of, location) = (expr.dtype, expr.of, expr.location);
    Expr { kind, name: "rechunk", dtype, of, shape: expr.shape.clone(), grid, location }
}

fn identity(expr: &ExprRef) -> Kind {
    Kind::View { input: expr.clone(), map: crate::map::Map::identity(expr.shape.len()) }
}

/// Chunks of one array from other chunks of it.
struct Regrid<A>(PhantomData<fn() -> A>);

/// The chunks of `grid` that overlap a region, along each axis.
fn overlapping(grid: &Grid, region: &[Range<usize>]) -> Vec<Range<usize>> {
    let along = |(axis, range): (usize, &Range<usize>)| {
        let first = grid.chunk_at(axis, range.start);
        let last = if range.is_empty() { first } else { grid.chunk_at(axis, range.end - 1) };
        first..last + 1
    };
    region.iter().enumerate().map(along).collect()
}

fn region_of(grid: &Grid, at: &[usize]) -> Vec<Range<usize>> {
    at.iter().enumerate().map(|(axis, &at)| grid.range(axis, at)).collect()
}

/// Calls `f` with each position in a box, in C order.
fn each_in(ranges: &[Range<usize>], mut f: impl FnMut(&[usize])) {
    let counts: Dims = ranges.iter().map(Range::len).collect();
    for at in 0..counts.iter().product() {
        let mut position = position(at, &counts);
        for (at, range) in position.iter_mut().zip(ranges) {
            *at += range.start;
        }
        f(&position);
    }
}

impl<A: Element> Custom for Regrid<A> {
    fn needs(&self, expr: &Expr, at: &[usize], need: &mut dyn FnMut(usize, usize)) {
        let Some(input) = expr.inputs().next() else { return };
        let counts = input.grid.counts();
        each_in(&overlapping(&input.grid, &region_of(&expr.grid, at)), |chunk| {
            need(0, number(chunk, &counts));
        });
    }

    fn make(&self, expr: &Expr, at: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        let Some(input) = expr.inputs().next() else { unreachable!("made with an input") };
        let region = region_of(&expr.grid, at);
        let shape: Dims = region.iter().map(Range::len).collect();
        let mut out = buffer(shape.iter().product(), A::default());
        let mut whole =
            ArrayViewMutD::from_shape(IxDyn(&shape), &mut out).expect("as long as its shape says");
        let mut blocks = blocks.into_iter();
        each_in(&overlapping(&input.grid, &region), |chunk| {
            let Some(block) = blocks.next() else { return };
            let mut from = block.view::<A>();
            let mut to = whole.view_mut();
            for (axis, (&at, want)) in chunk.iter().zip(&region).enumerate() {
                let have = input.grid.range(axis, at);
                let both = have.start.max(want.start)..have.end.min(want.end);
                let within = |base: usize| Slice::from(both.start - base..both.end - base);
                from.slice_axis_inplace(Axis(axis), within(have.start));
                to.slice_axis_inplace(Axis(axis), within(want.start));
            }
            to.assign(&from);
        });
        Ok(Block::from_buffer(out, shape))
    }
}
