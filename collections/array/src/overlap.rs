//! Functions of the user's over blocks with their neighbours: stencils, filters.
//!
//! In: a function, how far it looks along each axis, and what lies beyond the ends. Out: custom expressions, whose tasks put each block together with parts of the blocks around
//! it, and take the neighbours off what the function returns, or let it write to a block without them.
//!
//! Not here: functions of blocks alone (`blocks`).

use crate::array::Array;
use crate::block::Block;
use crate::blocks::{BlockPlace, custom, filled, typed, typed_mut};
use crate::called::{Call, Name, Outcome};
use crate::element::Element;
use crate::error::{Error, ErrorKind};
use crate::expr::{Custom, Expr};
use crate::grid::Dims;
use crate::rearrange::{needs_of_region, pieces, region_of};
use crate::tile::{Piece, type_of};
use ndarray::{ArrayView, ArrayViewMut, Axis, Dimension};
use std::marker::PhantomData;
use std::ops::Range;
use std::sync::Arc;

/// What lies beyond the ends of an array, for functions that look at neighbours.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Boundary<A> {
    /// Nothing: blocks at the ends get fewer neighbours, and the function has to return a block of the shape that it gets.
    None,
    /// A number.
    Constant(A),
    /// The element at the end, again and again.
    Nearest,
    /// The elements turned round, with that at the end: `b a | a b c d | d c`, as dask's.
    Reflect,
    /// The elements of the other end.
    Periodic,
}

/// Blocks with their neighbours.
struct Overlapped<A, D, B, R, F> {
    around: Around<A>,
    f: F,
    types: PhantomData<fn(D) -> (B, R)>,
}

/// The same, written to a block without neighbours.
struct OverlappedInto<A, D, B, R, F> {
    around: Around<A>,
    f: F,
    types: PhantomData<fn(D) -> (B, R)>,
}

/// How far it is looked, and at what beyond the ends.
struct Around<A> {
    depth: Vec<usize>,
    boundary: Boundary<A>,
}

/// A block with its neighbours.
struct Extended {
    block: Block,
    /// For each axis, how many neighbours come before the block, and where it lies in the array.
    own: Vec<(usize, Range<usize>)>,
}

/// A stretch of an axis, and where it goes in the extended block; from element `from` on, forwards, backwards, or standing.
#[derive(Clone, Copy)]
struct Stretch {
    from: usize,
    step: isize,
    len: usize,
    to: usize,
}

impl<A: Element> Around<A> {
    /// Of a function that looks so far, at an array of this shape.
    fn new(depth: &[usize], boundary: Boundary<A>, shape: &[usize]) -> Result<Around<A>, Error> {
        let too_deep = depth.iter().zip(shape).position(|(&depth, &len)| {
            depth
                .checked_mul(2)
                .and_then(|both| both.checked_add(len))
                .is_none_or(|all| all > isize::MAX as usize)
        });
        if depth.len() != shape.len() || too_deep.is_some() {
            let message =
                format!("depths {depth:?} for an array of shape {shape:?}; give one for each axis");
            return Err(Error::new(ErrorKind::Axis, message));
        }
        Ok(Around { depth: depth.to_vec(), boundary })
    }

    /// The chunks that a block and its neighbours are made of.
    fn needs(&self, expr: &Expr, at: &[usize], need: &mut dyn FnMut(usize, usize)) {
        for input in expr.inputs() {
            self.each_box(input, at, |stretches| {
                let region: Vec<Range<usize>> = stretches.iter().map(read_by).collect();
                needs_of_region(&input.grid, &region, |chunk| need(0, chunk));
            });
        }
    }

    /// The block with its neighbours, of the blocks of these chunks.
    fn extended(&self, expr: &Expr, at: &[usize], blocks: Vec<Block>) -> Extended {
        let Some(input) = expr.inputs().next() else { unreachable!("made with an input") };
        let region = region_of(&input.grid, at);
        let extents: Vec<(usize, usize)> = region
            .iter()
            .enumerate()
            .map(|(axis, range)| self.extent(axis, range, input.shape[axis]))
            .collect();
        let shape: Dims = extents.iter().map(|&(_, len)| len).collect();
        let fill = if let Boundary::Constant(value) = self.boundary { value } else { A::default() };
        let mut blocks = blocks.into_iter();
        let mut all = Vec::new();
        self.each_box(input, at, |stretches| {
            let region: Vec<Range<usize>> = stretches.iter().map(read_by).collect();
            for Piece { from, to } in pieces(&input.grid, &region, &mut blocks) {
                all.push(placed(from, &to, stretches));
            }
        });
        let is_filled = matches!(self.boundary, Boundary::Constant(_));
        let own = extents.iter().zip(region).map(|(&(before, _), range)| (before, range));
        Extended { block: extended(&shape, fill, is_filled, &all), own: own.collect() }
    }

    /// Along an axis, where the elements of the extended block come from; those that exist.
    fn stretches(&self, axis: usize, range: &Range<usize>, len: usize) -> Vec<Stretch> {
        let depth = self.depth[axis];
        let (first, total) = (range.start as isize - depth as isize, range.len() + 2 * depth);
        let (mut all, mut place) = (Vec::new(), 0);
        while place < total {
            let (source, count) = self.source(first + place as isize, total - place, len);
            if let Some((from, step)) = source {
                all.push(Stretch { from, step, len: count, to: place });
            }
            place += count;
        }
        all
    }

    /// What stands at position `at` of an axis, which may be outside of it: where it comes from, if it is there, in which direction, and for how many elements.
    fn source(&self, at: isize, left: usize, len: usize) -> (Option<(usize, isize)>, usize) {
        if at >= 0 && at.unsigned_abs() < len {
            let at = at.unsigned_abs();
            return (Some((at, 1)), (len - at).min(left));
        }
        let outside = if at < 0 { at.unsigned_abs().min(left) } else { left };
        match self.boundary {
            _ if len == 0 => (None, outside),
            Boundary::None | Boundary::Constant(_) => (None, outside),
            Boundary::Nearest => (Some((if at < 0 { 0 } else { len - 1 }, 0)), outside),
            Boundary::Periodic => {
                let from = at.rem_euclid(len as isize).unsigned_abs();
                (Some((from, 1)), (len - from).min(outside))
            }
            Boundary::Reflect => {
                // Periods of twice the length: forwards, then backwards.
                let period = at.rem_euclid(2 * len as isize).unsigned_abs();
                match period < len {
                    true => (Some((period, 1)), (len - period).min(outside)),
                    false => (Some((2 * len - 1 - period, -1)), (2 * len - period).min(outside)),
                }
            }
        }
    }

    /// The extended block's shape, without what is not there.
    fn extent(&self, axis: usize, range: &Range<usize>, len: usize) -> (usize, usize) {
        let depth = self.depth[axis];
        match self.boundary {
            Boundary::None => {
                let before = depth.min(range.start);
                (before, before + range.len() + depth.min(len - range.end))
            }
            _ => (depth, range.len() + 2 * depth),
        }
    }

    /// Calls `f` with each combination of stretches along the axes.
    fn each_box(&self, input: &Expr, at: &[usize], mut f: impl FnMut(&[Stretch])) {
        let region = region_of(&input.grid, at);
        let along = |(axis, range): (usize, &Range<usize>)| {
            let mut stretches = self.stretches(axis, range, input.shape[axis]);
            if self.boundary == Boundary::None {
                let (before, _) = self.extent(axis, range, input.shape[axis]);
                let missing = self.depth[axis] - before;
                stretches.iter_mut().for_each(|stretch| stretch.to -= missing);
            }
            stretches
        };
        let all: Vec<Vec<Stretch>> = region.iter().enumerate().map(along).collect();
        let counts: Dims = all.iter().map(Vec::len).collect();
        for number in 0..counts.iter().product() {
            let position = crate::grid::position(number, &counts);
            let chosen: Vec<Stretch> =
                position.iter().zip(&all).map(|(&at, all)| all[at]).collect();
            f(&chosen);
        }
    }
}

/// The elements that a stretch reads, in their order in the array.
fn read_by(stretch: &Stretch) -> Range<usize> {
    match stretch.step {
        0 => stretch.from..stretch.from + 1,
        1 => stretch.from..stretch.from + stretch.len,
        _ => stretch.from + 1 - stretch.len..stretch.from + 1,
    }
}

impl<A, D, B, R, F> Custom for Overlapped<A, D, B, R, F>
where
    A: Element,
    D: Dimension,
    B: Element,
    R: Outcome<ndarray::Array<B, D>>,
    F: Fn(ArrayView<'_, A, D>) -> R + Send + Sync,
{
    fn needs(&self, expr: &Expr, at: &[usize], need: &mut dyn FnMut(usize, usize)) {
        self.around.needs(expr, at, need);
    }

    fn make(&self, expr: &Expr, at: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        let Extended { block, own } = self.around.extended(expr, at, blocks);
        let name = Name::of::<F>();
        let given = Call::new(expr, name, at).run(|| (self.f)(typed(&block)).outcome())?;
        if given.shape() != &block.shape[..] {
            let message = format!(
                "{}: {name} returned shape {:?} for the block at {at:?}, which with its neighbours has shape {:?}",
                expr.name,
                given.shape(),
                &block.shape[..]
            );
            return Err(Error::new(ErrorKind::Shape, message).at(expr.location));
        }
        // Without the neighbours.
        let block = Block::from_array(given.into_dyn().into_shared());
        let own = own.iter().map(|(before, range)| *before..before + range.len());
        Ok(block.within(&own.collect::<Vec<_>>()))
    }
}

impl<A, D, B, R, F> Custom for OverlappedInto<A, D, B, R, F>
where
    A: Element,
    D: Dimension,
    B: Element,
    R: Outcome<()>,
    F: Fn(ArrayView<'_, A, D>, &BlockPlace, ArrayViewMut<'_, B, D>) -> R + Send + Sync,
{
    fn needs(&self, expr: &Expr, at: &[usize], need: &mut dyn FnMut(usize, usize)) {
        self.around.needs(expr, at, need);
    }

    fn make(&self, expr: &Expr, at: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        let Extended { block, own } = self.around.extended(expr, at, blocks);
        let (mut place, call) = (BlockPlace::new(expr, at), Call::new(expr, Name::of::<F>(), at));
        place.before = own.iter().map(|&(before, _)| before).collect();
        filled(expr.grid.chunk_shape(at), |out| {
            call.run(|| (self.f)(typed(&block), &place, typed_mut(out)).outcome())
        })
    }
}

/// A part of what stretches read, and where it goes: backwards, or again and again, where they go so.
fn placed(part: Block, to: &[usize], stretches: &[Stretch]) -> Piece {
    let (mut shape, mut strides, mut offset) =
        (part.shape.clone(), part.strides.clone(), part.offset);
    let mut place = Dims::new();
    for (axis, stretch) in stretches.iter().enumerate() {
        let len = shape[axis];
        place.push(match stretch.step {
            0 => {
                (shape[axis], strides[axis]) = (stretch.len, 0);
                stretch.to
            }
            1 => stretch.to + to[axis],
            _ => {
                offset = offset.wrapping_add_signed((len as isize - 1) * strides[axis]);
                strides[axis] = -strides[axis];
                stretch.to + stretch.len - to[axis] - len
            }
        });
    }
    Piece { from: part.part(shape, strides, offset), to: place }
}

/// The block with its neighbours.
fn extended<A: Element>(shape: &Dims, fill: A, is_filled: bool, pieces: &[Piece]) -> Block {
    let all = type_of::<A>().gather(shape.clone(), pieces);
    if !is_filled {
        return all;
    }
    let mut values = ndarray::ArrayD::from_elem(ndarray::IxDyn(shape), fill);
    for Piece { from, to } in pieces {
        let mut part = values.view_mut();
        for (axis, (&at, &len)) in to.iter().zip(&from.shape).enumerate() {
            part.slice_axis_inplace(Axis(axis), ndarray::Slice::from(at..at + len));
        }
        part.assign(&from.view::<A>());
    }
    Block::from_array(values.into_shared())
}

impl<A: Element, D: Dimension + 'static> Array<A, D> {
    /// `f` of each block with `depth[axis]` neighbours on both sides along each axis; of what `f` returns, a block of the shape that it gets, the neighbours are taken off.
    ///
    /// # Errors
    /// Carried by the array: a depth for each axis. Of the task: a block of another shape, an error or a panic of `f`.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use array::{Array, Boundary};
    /// let x = Array::from(vec![0.0, 0.0, 4.0, 0.0]).rechunk(2);
    /// let smooth = x.map_overlap(&[1], Boundary::Nearest, |block| {
    ///     let mut out = block.to_owned();
    ///     for i in 1..block.len() - 1 {
    ///         out[i] = (block[i - 1] + 2.0 * block[i] + block[i + 1]) / 4.0;
    ///     }
    ///     out
    /// });
    /// assert_eq!(smooth.compute()?.to_vec(), [0.0, 1.0, 2.0, 1.0]);
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Cost
    /// A task for each chunk, which copies the chunk and its neighbours together, and a block that `f` allocates; [`map_overlap_into`](Array::map_overlap_into) does without that. Of `n`
    /// steps with neighbours of 1 it is quicker to take `n` steps at once with neighbours of `n`.
    #[track_caller]
    pub fn map_overlap<B: Element, R: Outcome<ndarray::Array<B, D>>>(
        &self,
        depth: &[usize],
        boundary: Boundary<A>,
        f: impl Fn(ArrayView<'_, A, D>) -> R + Send + Sync + 'static,
    ) -> Array<B, D> {
        self.step(|expr| {
            let around = Around::new(depth, boundary, &expr.shape)?;
            let make = Overlapped { around, f, types: PhantomData };
            let (shape, grid) = (expr.shape.clone(), expr.grid.clone());
            custom::<B>("map_overlap", Arc::new(make), vec![expr.clone()], shape, grid)
        })
    }

    /// [`map_overlap`](Array::map_overlap) by a function that writes: it gets the block with its neighbours, and the block to be written, which has none.
    ///
    /// Element `i` of what is written is element `place.before[axis] + i` of what is read: `depth[axis]` neighbours come before a block, and under [`Boundary::None`] none before the first. All has to
    /// be written, for there stands whatever an earlier block has left.
    ///
    /// # Errors
    /// Carried by the array: a depth for each axis. Of the task: an error or a panic of `f`.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use array::{Array, Boundary};
    /// let x = Array::from(vec![0.0, 0.0, 4.0, 0.0]).rechunk(2);
    /// let smooth = x.map_overlap_into(&[1], Boundary::Nearest, |block, _, mut out| {
    ///     for (out, around) in out.iter_mut().zip(block.windows(3)) {
    ///         *out = (around[0] + 2.0 * around[1] + around[2]) / 4.0;
    ///     }
    /// });
    /// assert_eq!(smooth.compute()?.to_vec(), [0.0, 1.0, 2.0, 1.0]);
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Cost
    /// A task for each chunk, which copies the chunk and its neighbours together, in memory that earlier blocks have had.
    #[track_caller]
    pub fn map_overlap_into<B: Element, R: Outcome<()>>(
        &self,
        depth: &[usize],
        boundary: Boundary<A>,
        f: impl Fn(ArrayView<'_, A, D>, &BlockPlace, ArrayViewMut<'_, B, D>) -> R
        + Send
        + Sync
        + 'static,
    ) -> Array<B, D> {
        self.step(|expr| {
            let around = Around::new(depth, boundary, &expr.shape)?;
            let make = OverlappedInto { around, f, types: PhantomData };
            let (shape, grid) = (expr.shape.clone(), expr.grid.clone());
            custom::<B>("map_overlap_into", Arc::new(make), vec![expr.clone()], shape, grid)
        })
    }
}
