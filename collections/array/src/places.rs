//! Elements at places that nobody knows before the run: an array says them, or a function of the index.
//!
//! In: an array, and the places. Out: custom expressions. A chunk of the result may need any chunk of the array along the axis, so it reads all of them.
//!
//! Not here: indices that are known when the expression is made (`select`), and where the places come from (`random`, `sorting`).

use crate::array::{Array, check_axis};
use crate::block::Block;
use crate::blocks::{custom, filled, typed, whole_along};
use crate::either::AnyArray;
use crate::element::Element;
use crate::error::{Error, ErrorKind};
use crate::expr::{Custom, Expr, ExprRef};
use crate::grid::{Grid, number};
use crate::pool::buffer;
use crate::rearrange::regridded;
use crate::sizes::CHUNK_BYTES;
use ndarray::{ArrayViewD, Axis, Dimension, Ix1};
use std::borrow::Cow;
use std::marker::PhantomData;
use std::sync::Arc;

/// For at most so many indices the chunks that they fall into are found one by one; more fall into all of them.
const FOUND_MAX: usize = 256;

/// So many elements are found first and then read: the processor waits for several of them at once.
const FOUND_TOGETHER: usize = 512;

/// Which of some stretches a position lies in: those of one length are found by a multiplication.
pub(crate) struct Stretches<'a> {
    bounds: &'a [usize],
    per_position: f64,
}

impl Stretches<'_> {
    /// The chunks along an axis.
    pub(crate) fn along(grid: &Grid, axis: usize) -> Stretches<'_> {
        let bounds = &grid.bounds(axis)[..];
        Stretches { bounds, per_position: 1.0 / (bounds[1].max(1) as f64) }
    }

    /// The stretch that holds a position, and where it begins; the position is in one.
    #[inline]
    pub(crate) fn find(&self, position: usize) -> (usize, usize) {
        let last = self.bounds.len() - 2;
        let guess = ((position as f64 * self.per_position) as usize).min(last);
        if (self.bounds[guess]..self.bounds[guess + 1]).contains(&position) {
            return (guess, self.bounds[guess]);
        }
        let found = self.bounds[1..=last].partition_point(|&bound| bound <= position);
        (found, self.bounds[found])
    }
}

/// Elements of an array of rank 1 at the places that another array says, which are all within it.
struct AtPlaces<A>(PhantomData<fn() -> A>);

impl<A: Element> Custom for AtPlaces<A> {
    fn needs(&self, expr: &Expr, at: &[usize], need: &mut dyn FnMut(usize, usize)) {
        for of in expr.inputs().take(1) {
            (0..of.grid.count()).for_each(|chunk| need(0, chunk));
        }
        need(1, number(at, &expr.grid.counts()));
    }

    fn make(&self, expr: &Expr, _: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        let (Some((places, parts)), Some(of)) = (blocks.split_last(), expr.inputs().next()) else {
            unreachable!("made with two inputs")
        };
        let parts: Vec<Cow<'_, [A]>> = parts.iter().map(in_order).collect();
        let stretches = Stretches::along(&of.grid, 0);
        let places = in_order::<u64>(places);
        let mut out = buffer(&[places.len()], A::default())?;
        let mut found = Vec::with_capacity(FOUND_TOGETHER);
        for (places, out) in places.chunks(FOUND_TOGETHER).zip(out.chunks_mut(FOUND_TOGETHER)) {
            found.clear();
            found.extend(places.iter().map(|&place| {
                let (chunk, first) = stretches.find(place as usize);
                (chunk, place as usize - first)
            }));
            for (out, &(chunk, within)) in out.iter_mut().zip(&found) {
                *out = parts[chunk][within];
            }
        }
        Ok(Block::from_buffer(out, blocks[blocks.len() - 1].shape.clone()))
    }
}

/// The elements of a block in C order.
pub(crate) fn in_order<A: Element>(block: &Block) -> Cow<'_, [A]> {
    match block.as_slice::<A>() {
        Some(elements) => Cow::Borrowed(elements),
        None => Cow::Owned(block.view::<A>().iter().copied().collect()),
    }
}

/// The elements of `x` at `places`, each of which is less than its length.
#[track_caller]
pub(crate) fn at_places<A: Element, D: Dimension>(
    name: &'static str,
    x: &Array<A, Ix1>,
    places: &Array<u64, D>,
) -> Array<A, D> {
    x.step_of(name, |of| {
        let places = places.state.as_ref().map_err(Clone::clone)?;
        let make = Arc::new(AtPlaces::<A>(PhantomData));
        let (shape, grid) = (places.shape.clone(), places.grid.clone());
        custom::<A>(name, make, vec![of.clone(), places.clone()], shape, grid)
    })
}

/// An array with what lies along an axis in another order: index `i` of the result is index `order(i)` of the array.
pub(crate) struct Reordered<A, F> {
    pub(crate) axis: usize,
    pub(crate) order: F,
    pub(crate) of: PhantomData<fn() -> A>,
}

impl<A: Element, F: Fn(usize) -> usize> Reordered<A, F> {
    /// The chunks along the axis that a chunk of the result takes from.
    fn chunks(&self, expr: &Expr, input: &Expr, at: &[usize]) -> Vec<usize> {
        let range = expr.grid.range(self.axis, at[self.axis]);
        if range.len() > FOUND_MAX {
            return (0..input.grid.count_along(self.axis)).collect();
        }
        let chunk = |index: usize| input.grid.chunk_at(self.axis, (self.order)(index));
        let mut chunks: Vec<usize> = range.map(chunk).collect();
        chunks.sort_unstable();
        chunks.dedup();
        chunks
    }
}

impl<A: Element, F: Fn(usize) -> usize + Send + Sync> Custom for Reordered<A, F> {
    fn needs(&self, expr: &Expr, at: &[usize], need: &mut dyn FnMut(usize, usize)) {
        for input in expr.inputs() {
            let mut chunk = at.to_vec();
            for along in self.chunks(expr, input, at) {
                chunk[self.axis] = along;
                need(0, number(&chunk, &input.grid.counts()));
            }
        }
    }

    fn make(&self, expr: &Expr, at: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        let Some(input) = expr.inputs().next() else { unreachable!("made with an input") };
        let axis = self.axis;
        let (shape, range) = (expr.grid.chunk_shape(at), expr.grid.range(axis, at[axis]));
        let outer: usize = shape[..axis].iter().product();
        let inner: usize = shape[axis + 1..].iter().product();
        let chunks = self.chunks(expr, input, at);
        let parts: Vec<Cow<'_, [A]>> = blocks.iter().map(in_order).collect();
        let mut out = buffer(&shape, A::default())?;
        let stretches = Stretches::along(&input.grid, axis);
        let is_all = chunks.len() == input.grid.count_along(axis);
        let (len, first) = (range.len(), range.start);
        let mut found = Vec::with_capacity(FOUND_TOGETHER);
        for start in (0..len).step_by(FOUND_TOGETHER) {
            let here = start..len.min(start + FOUND_TOGETHER);
            found.clear();
            found.extend(here.clone().map(|to| {
                let from = (self.order)(first + to);
                let (chunk, begin) = stretches.find(from);
                let part = match is_all {
                    true => chunk,
                    false => chunks.partition_point(|&other| other < chunk),
                };
                (part, from - begin, input.grid.range(axis, chunk).len())
            }));
            for row in 0..outer {
                for (to, &(part, within, long)) in here.clone().zip(&found) {
                    let (to, from) = ((row * len + to) * inner, (row * long + within) * inner);
                    // A call for a single element would take longer than the element.
                    match inner {
                        1 => out[to] = parts[part][from],
                        _ => out[to..to + inner].copy_from_slice(&parts[part][from..][..inner]),
                    }
                }
            }
        }
        Ok(Block::from_buffer(out, shape))
    }
}

/// The expression with what lies along an axis in another order.
pub(crate) fn reordered<A: Element>(
    name: &'static str,
    expr: &ExprRef,
    axis: usize,
    order: impl Fn(usize) -> usize + Send + Sync + 'static,
) -> Result<Expr, Error> {
    let make = Arc::new(Reordered::<A, _> { axis, order, of: PhantomData });
    custom::<A>(name, make, vec![expr.clone()], expr.shape.clone(), expr.grid.clone())
}

/// Elements along an axis at the indices that another array says, for each row its own.
struct AlongAxis<A>(usize, PhantomData<fn() -> A>);

impl<A: Element> Custom for AlongAxis<A> {
    fn needs(&self, expr: &Expr, at: &[usize], need: &mut dyn FnMut(usize, usize)) {
        let number = number(at, &expr.grid.counts());
        need(0, number);
        need(1, number);
    }

    fn make(&self, expr: &Expr, _: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        let (axis, of): (_, ArrayViewD<'_, A>) = (Axis(self.0), typed(&blocks[0]));
        let indices: ArrayViewD<'_, u64> = typed(&blocks[1]);
        let len = of.len_of(axis);
        filled(indices.shape().into(), |mut out| {
            let rows = of.lanes(axis).into_iter().zip(indices.lanes(axis));
            for (mut out, (row, indices)) in out.lanes_mut(axis).into_iter().zip(rows) {
                for (out, &index) in out.iter_mut().zip(indices) {
                    let element = usize::try_from(index).ok().and_then(|index| row.get(index));
                    let Some(&element) = element else {
                        let message = format!(
                            "there is no index {index} along axis {}, which is {len} long: give indices from 0 on that are less, none counted from the end",
                            axis.0
                        );
                        return Err(
                            Error::new(ErrorKind::Index, message).of_call(expr.name, expr.location)
                        );
                    };
                    *out = element;
                }
            }
            Ok(())
        })
    }
}

impl<A: Element, D: Dimension> Array<A, D> {
    /// For each row along an axis the elements at the indices in the same row of `indices`, an array that may be of another length along the axis: what
    /// [`argsort`](Array::argsort) says, for example. NumPy's `take_along_axis`.
    ///
    /// # Errors
    /// Carried by the array: all other axes have to be of one length. Of the task: an index that is not within the axis.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use ndarray::{Axis, arr2};
    /// let x = array::Array::from(arr2(&[[30, 10, 20], [6, 5, 4]]));
    /// let order = x.argsort(Axis(1));
    /// assert_eq!(x.take_along_axis(&order, Axis(1)).compute()?, arr2(&[[10, 20, 30], [4, 5, 6]]));
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Cost
    /// Chunks of both become whole along the axis.
    #[track_caller]
    pub fn take_along_axis(&self, indices: impl AnyArray<u64, Dim = D>, axis: Axis) -> Array<A, D> {
        let indices = indices.lazy();
        self.step(|of| {
            let indices = indices.state.as_ref().map_err(Clone::clone)?;
            check_axis(axis.0, &of.shape)?;
            let mut shape = of.shape.clone();
            if let Some(&len) = indices.shape.get(axis.0) {
                shape[axis.0] = len;
            }
            if shape != indices.shape {
                let message = format!(
                    "axis {} of shape {:?} and indices of shape {:?}: all other axes have to be of one length",
                    axis.0,
                    &of.shape[..],
                    &indices.shape[..]
                );
                return Err(Error::new(ErrorKind::Shape, message));
            }
            let of = Arc::new(whole_along(of, axis.0, CHUNK_BYTES)?);
            let mut grid = of.grid.clone();
            grid.set(axis.0, [0, shape[axis.0]].into());
            let indices = Arc::new(regridded(indices, grid.clone()));
            let make = Arc::new(AlongAxis::<A>(axis.0, PhantomData));
            custom::<A>("take_along_axis", make, vec![of, indices], shape, grid)
        })
    }
}
