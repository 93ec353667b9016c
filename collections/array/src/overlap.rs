//! Functions of the user's over blocks with their neighbours: stencils, filters.
//!
//! In: a function, how far it looks along each axis, and what lies beyond the ends. Out: custom expressions, whose tasks put each block together with parts of the blocks around
//! it, and take the neighbours off what the function returns, or let it write to a block without them.
//!
//! Not here: how far and what beyond the ends is said (`beyond`), functions of blocks alone (`blocks`), and of the blocks of two arrays with their neighbours (`overlap_two`).

use crate::array::Array;
use crate::beyond::{Boundaries, Boundary, Depths};
use crate::block::Block;
use crate::blocks::{BlockPlace, custom, filled, typed, typed_mut};
use crate::called::{Call, Name, Outcome};
use crate::element::Element;
use crate::error::{Error, ErrorKind, counted};
use crate::expr::{Custom, Effort, Expr};
use crate::grid::{Dims, check_number, check_size};
use crate::picked::At;
use crate::pool::{Room, room};
use crate::rearrange::{needs_of_region, pieces, region_of};
use crate::tile::{Piece, type_of};
use ndarray::{ArrayView, ArrayViewMut, ArrayViewMutD, Axis, Dimension, Slice};
use std::marker::PhantomData;
use std::ops::Range;
use std::sync::Arc;

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

/// How far it is looked, and at what beyond the ends, along each axis.
pub(crate) struct Around<A> {
    depth: Vec<(usize, usize)>,
    boundary: Vec<Boundary<A>>,
}

/// A block with its neighbours.
pub(crate) struct Extended {
    pub(crate) block: Block,
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
    pub(crate) fn new(
        depth: Depths,
        boundary: Boundaries<A>,
        expr: &Expr,
    ) -> Result<Around<A>, Error> {
        let shape = &expr.shape[..];
        let depth = depth.along(shape.len());
        if depth.len() != shape.len() {
            let message =
                format!("depths {depth:?} for an array of shape {shape:?}: give one for each axis");
            return Err(Error::new(ErrorKind::Axis, message));
        }
        depth.iter().try_for_each(|&(before, after)| {
            check_number("depth", before)?;
            check_number("depth", after)
        })?;
        let boundary = boundary.along(shape.len());
        if boundary.len() != shape.len() {
            let message = format!(
                "boundaries for {} of an array of shape {shape:?}: give one for all axes, or one for each",
                counted(boundary.len(), "axis")
            );
            return Err(Error::new(ErrorKind::Axis, message));
        }
        let around = Around { depth, boundary };
        around.check_extent(expr)?;
        Ok(around)
    }

    /// That the largest block with its neighbours can be addressed.
    fn check_extent(&self, expr: &Expr) -> Result<(), Error> {
        let extent = |axis: usize| {
            let (before, after) = self.depth[axis];
            let all = before.checked_add(after)?.checked_add(expr.grid.longest(axis))?;
            let all = (all <= isize::MAX as usize).then_some(all)?;
            let is_cut = self.boundary[axis] == Boundary::None;
            Some(if is_cut { all.min(expr.shape[axis]) } else { all })
        };
        let extents: Option<Dims> = (0..expr.shape.len()).map(extent).collect();
        if extents.is_some_and(|extents| check_size(&extents, size_of::<A>()).is_ok()) {
            return Ok(());
        }
        let message = format!(
            "depths {:?} for blocks of an array of shape {:?} in chunks of {}: with their neighbours these have more elements than can be addressed; give smaller depths",
            self.depth,
            &expr.shape[..],
            expr.grid
        );
        Err(Error::new(ErrorKind::Overflow, message))
    }

    /// Whether an axis goes round more than once in the extended block: then there is all of it once first.
    fn goes_round(&self, axis: usize, len: usize) -> bool {
        let (before, after) = self.depth[axis];
        matches!(self.boundary[axis], Boundary::Periodic | Boundary::Reflect)
            && before.max(after) > len
            && len > 0
    }

    /// The element of an axis that stands at position `at`, which may be outside, where the boundary goes round.
    fn index(&self, axis: usize, at: isize, len: usize) -> usize {
        let place = |period: usize| at.rem_euclid(period as isize).unsigned_abs();
        match self.boundary[axis] {
            Boundary::Reflect => place(2 * len).min(2 * len - 1 - place(2 * len)),
            _ => place(len),
        }
    }

    /// The chunks of the input that a block and its neighbours are made of.
    pub(crate) fn needs(&self, input: &Expr, at: &[usize], mut need: impl FnMut(usize)) {
        self.each_box(input, at, |stretches| {
            let region: Vec<Range<usize>> = stretches.iter().map(read_by).collect();
            needs_of_region(&input.grid, &region, &mut need);
        });
    }

    /// How many elements the block has with its neighbours.
    pub(crate) fn elements(&self, input: &Expr, at: &[usize]) -> usize {
        let region = region_of(&input.grid, at);
        let extents = region.iter().enumerate();
        extents.map(|(axis, range)| self.extent(axis, range, input.shape[axis]).1).product()
    }

    /// The block with its neighbours, of the blocks of these chunks of the input.
    pub(crate) fn extended(
        &self,
        input: &Expr,
        at: &[usize],
        blocks: Vec<Block>,
    ) -> Result<Extended, Error> {
        let region = region_of(&input.grid, at);
        let extents: Vec<(usize, usize)> = region
            .iter()
            .enumerate()
            .map(|(axis, range)| self.extent(axis, range, input.shape[axis]))
            .collect();
        let mut shape: Dims = extents.iter().map(|&(_, len)| len).collect();
        let round: Dims =
            (0..shape.len()).filter(|&axis| self.goes_round(axis, input.shape[axis])).collect();
        round.iter().for_each(|&axis| shape[axis] = input.shape[axis]);
        let gaps: Vec<Gap<A>> = region
            .iter()
            .enumerate()
            .flat_map(|(axis, range)| self.gaps(axis, range, input.shape[axis]))
            .collect();
        let mut blocks = blocks.into_iter();
        let mut all = Vec::new();
        self.each_box(input, at, |stretches| {
            let region: Vec<Range<usize>> = stretches.iter().map(read_by).collect();
            for Piece { from, to } in pieces(&input.grid, &region, &mut blocks) {
                all.push(placed(from, &to, stretches));
            }
        });
        let here = |error: Error| self.too_deep(&region, &extents).unwrap_or(error);
        let mut block = extended(shape.clone(), &gaps, &all).map_err(here)?;
        for axis in round {
            let (before, len) = extents[axis];
            shape[axis] = len;
            let first = region[axis].start as isize - before as isize;
            let mut places = first..;
            let index = |place: isize| (0, self.index(axis, place, input.shape[axis]));
            let mut next = |count: usize, found: &mut Vec<At>| {
                found.extend(places.by_ref().take(count).map(index));
            };
            let chosen = type_of::<A>().select(shape.clone(), axis, &[block], &mut next);
            block = chosen.map_err(here)?;
        }
        let own = extents.iter().zip(region).map(|(&(before, _), range)| (before, range));
        Ok(Extended { block, own: own.collect() })
    }

    /// The error of an extended block for which there is no memory, if it has more neighbours along an axis than elements of its own: smaller chunks would have as many.
    fn too_deep(&self, region: &[Range<usize>], extents: &[(usize, usize)]) -> Option<Error> {
        let shape: Dims = extents.iter().map(|&(_, len)| len).collect();
        let neighbours = |axis: usize| shape[axis] - region[axis].len();
        let axis =
            (0..shape.len()).max_by_key(|&axis| neighbours(axis) / region[axis].len().max(1))?;
        let depth = self.depth[axis];
        (neighbours(axis) > region[axis].len()).then(|| {
            Error::no_memory_for_neighbours(&shape, size_of::<A>(), axis, depth, region[axis].len())
        })
    }

    /// Along an axis, where the elements of the extended block come from; those that exist.
    fn stretches(&self, axis: usize, range: &Range<usize>, len: usize) -> Vec<Stretch> {
        if self.goes_round(axis, len) {
            return vec![Stretch { from: 0, step: 1, len, to: 0 }];
        }
        let (before, after) = self.depth[axis];
        let (first, total) = (range.start as isize - before as isize, before + range.len() + after);
        let (mut all, mut place) = (Vec::new(), 0);
        while place < total {
            let (source, count) = self.source(axis, first + place as isize, total - place, len);
            if let Some((from, step)) = source {
                all.push(Stretch { from, step, len: count, to: place });
            }
            place += count;
        }
        all
    }

    /// Along an axis, where the extended block has elements that are not of the array.
    fn gaps(&self, axis: usize, range: &Range<usize>, len: usize) -> Vec<Gap<A>> {
        let value = match self.boundary[axis] {
            Boundary::None => return Vec::new(),
            _ if self.goes_round(axis, len) => return Vec::new(),
            Boundary::Constant(value) => value,
            // Of an axis without elements.
            _ => A::default(),
        };
        let (_, total) = self.extent(axis, range, len);
        let (mut gaps, mut end) = (Vec::new(), 0);
        let stretches = self.stretches(axis, range, len).into_iter();
        let filled = stretches.map(|stretch| stretch.to..stretch.to + stretch.len);
        for Range { start, end: next } in filled.chain(std::iter::once(total..total)) {
            if end < start {
                gaps.push(Gap { axis, range: end..start, value });
            }
            end = next;
        }
        gaps
    }

    /// What stands at position `at` of an axis, which may be outside of it: where it comes from, if it is there, in which direction, and for how many elements.
    fn source(
        &self,
        axis: usize,
        at: isize,
        left: usize,
        len: usize,
    ) -> (Option<(usize, isize)>, usize) {
        if at >= 0 && at.unsigned_abs() < len {
            let at = at.unsigned_abs();
            return (Some((at, 1)), (len - at).min(left));
        }
        let outside = if at < 0 { at.unsigned_abs().min(left) } else { left };
        match self.boundary[axis] {
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
        let (before, after) = self.depth[axis];
        let (before, after) = match self.boundary[axis] {
            Boundary::None => (before.min(range.start), after.min(len - range.end)),
            _ => (before, after),
        };
        (before, before + range.len() + after)
    }

    /// Calls `f` with each combination of stretches along the axes.
    fn each_box(&self, input: &Expr, at: &[usize], mut f: impl FnMut(&[Stretch])) {
        let region = region_of(&input.grid, at);
        let along = |(axis, range): (usize, &Range<usize>)| {
            let mut stretches = self.stretches(axis, range, input.shape[axis]);
            let (before, _) = self.extent(axis, range, input.shape[axis]);
            let missing = self.depth[axis].0 - before;
            stretches.iter_mut().for_each(|stretch| stretch.to -= missing);
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
        expr.inputs().for_each(|input| self.around.needs(input, at, |chunk| need(0, chunk)));
    }

    fn make(&self, expr: &Expr, at: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        let Some(input) = expr.inputs().next() else { unreachable!("made with an input") };
        let extended = self.around.extended(input, at, blocks)?;
        let name = Name::of::<F>();
        let call = Call::new(expr, name, at);
        let room = extended.room::<B>();
        let given = call.run(|| (self.f)(typed(&extended.block)).outcome())?;
        extended.trimmed(expr, at, name, given, room)
    }

    fn effort(&self, expr: &Expr, at: &[usize]) -> Effort {
        let all: usize = expr.inputs().map(|input| self.around.elements(input, at)).sum();
        let own: usize = expr.grid.chunk_shape(at).iter().product();
        // The block is a part of what the function returns.
        let keeps = all.saturating_sub(own) * size_of::<B>();
        Effort { works: all * size_of::<A>(), keeps, ..Effort::default() }
    }
}

impl Extended {
    /// Makes room for what a function gives for the block.
    pub(crate) fn room<B: Element>(&self) -> Option<Room> {
        room(self.block.len().saturating_mul(size_of::<B>()))
    }

    /// What `name` gave for the block, without the neighbours.
    pub(crate) fn trimmed<B: Element, D: Dimension>(
        &self,
        expr: &Expr,
        at: &[usize],
        name: Name,
        given: ndarray::Array<B, D>,
        room: Option<Room>,
    ) -> Result<Block, Error> {
        if given.shape() != &self.block.shape[..] {
            let message = format!(
                "{name} returned shape {:?} for the block at {at:?}, which with its neighbours has shape {:?}: return the whole block, of which these are cut off afterwards; of one array, `map_overlap_into` writes blocks without them",
                given.shape(),
                &self.block.shape[..]
            );
            return Err(Error::new(ErrorKind::Shape, message).of_call(expr.name, expr.location));
        }
        let block = Block::from_made(given, room);
        let own = self.own.iter().map(|(before, range)| *before..before + range.len());
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
        expr.inputs().for_each(|input| self.around.needs(input, at, |chunk| need(0, chunk)));
    }

    fn make(&self, expr: &Expr, at: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        let Some(input) = expr.inputs().next() else { unreachable!("made with an input") };
        let Extended { block, own } = self.around.extended(input, at, blocks)?;
        let (mut place, call) = (BlockPlace::new(expr, at), Call::new(expr, Name::of::<F>(), at));
        place.before = own.iter().map(|&(before, _)| before).collect();
        filled(expr.grid.chunk_shape(at), |out| {
            call.run(|| (self.f)(typed(&block), &place, typed_mut(out)).outcome())
        })
    }

    fn effort(&self, expr: &Expr, at: &[usize]) -> Effort {
        let all: usize = expr.inputs().map(|input| self.around.elements(input, at)).sum();
        Effort { works: all * size_of::<A>(), ..Effort::default() }
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

/// A part of the extended block, all along the other axes, that is filled with a number.
struct Gap<A> {
    axis: usize,
    range: Range<usize>,
    value: A,
}

/// The block with its neighbours; of gaps the later fills what they have in common.
fn extended<A: Element>(shape: Dims, gaps: &[Gap<A>], pieces: &[Piece]) -> Result<Block, Error> {
    if gaps.is_empty() {
        return type_of::<A>().gather(shape, pieces);
    }
    let fill = |mut values: ArrayViewMutD<'_, A>| {
        for Gap { axis, range, value } in gaps {
            values.slice_axis_mut(Axis(*axis), Slice::from(range.clone())).fill(*value);
        }
        for Piece { from, to } in pieces {
            let mut part = values.view_mut();
            for (axis, (&at, &len)) in to.iter().zip(&from.shape).enumerate() {
                part.slice_axis_inplace(Axis(axis), Slice::from(at..at + len));
            }
            part.assign(&from.view::<A>());
        }
        Ok(())
    };
    filled(shape, fill)
}

impl<A: Element, D: Dimension + 'static> Array<A, D> {
    /// `f` of each block with `depth[axis]` neighbours on both sides along each axis, or others before than after it ([`Depths`]); of what `f` returns, a block of the shape that it gets, the neighbours are taken off.
    ///
    /// # Errors
    /// Carried by the array: a depth for each axis, a boundary for all or for each, and blocks with their neighbours that can be addressed. Of the task: a block of another shape, an error or a panic of `f`.
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
    ///
    /// // Differences along the second axis only, with another boundary along each.
    /// let y = Array::<f64, _>::from_fn([4, 6], |[i, j]| (i * j) as f64).rechunk(2);
    /// let steps = y.map_overlap(&[(0, 0), (1, 0)], [Boundary::None, Boundary::Constant(0.0)], |block| {
    ///     ndarray::Array2::from_shape_fn(block.raw_dim(), |(i, j)| block[[i, j]] - block[[i, j.max(1) - 1]])
    /// });
    /// assert_eq!(steps.compute()?.row(3).to_vec(), [0.0, 3.0, 3.0, 3.0, 3.0, 3.0]);
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Cost
    /// A task for each chunk, which copies the chunk and its neighbours together, and a block that `f` allocates; [`map_overlap_into`](Array::map_overlap_into) does without that. Of `n`
    /// steps with neighbours of 1 it is quicker to take `n` steps at once with neighbours of `n`.
    #[track_caller]
    pub fn map_overlap<B: Element, R: Outcome<ndarray::Array<B, D>>>(
        &self,
        depth: impl Into<Depths>,
        boundary: impl Into<Boundaries<A>>,
        f: impl Fn(ArrayView<'_, A, D>) -> R + Send + Sync + 'static,
    ) -> Array<B, D> {
        self.step(|expr| {
            let around = Around::new(depth.into(), boundary.into(), expr)?;
            let make = Overlapped { around, f, types: PhantomData };
            let (shape, grid) = (expr.shape.clone(), expr.grid.clone());
            custom::<B>("map_overlap", Arc::new(make), vec![expr.clone()], shape, grid)
        })
    }

    /// [`map_overlap`](Array::map_overlap) by a function that writes: it gets the block with its neighbours, and the block to be written, which has none.
    ///
    /// Element `i` of what is written is element `place.before[axis] + i` of what is read: as many neighbours as `depth` says come before a block, and under [`Boundary::None`] none before the first. All has to
    /// be written, for there stands whatever an earlier block has left.
    ///
    /// # Errors
    /// Carried by the array: a depth for each axis, and a boundary for all or for each. Of the task: an error or a panic of `f`.
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
        depth: impl Into<Depths>,
        boundary: impl Into<Boundaries<A>>,
        f: impl Fn(ArrayView<'_, A, D>, &BlockPlace, ArrayViewMut<'_, B, D>) -> R
        + Send
        + Sync
        + 'static,
    ) -> Array<B, D> {
        self.step(|expr| {
            let around = Around::new(depth.into(), boundary.into(), expr)?;
            let make = OverlappedInto { around, f, types: PhantomData };
            let (shape, grid) = (expr.shape.clone(), expr.grid.clone());
            custom::<B>("map_overlap_into", Arc::new(make), vec![expr.clone()], shape, grid)
        })
    }
}
