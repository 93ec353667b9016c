//! Elements chosen by lists of indices, and arrays with some elements replaced.
//!
//! In: indices along an axis, slices with what is to stand there. Out: custom expressions that copy.
//!
//! Not here: slices (`views`).

use crate::array::{Array, check_axis};
use crate::block::Block;
use crate::element::Element;
use crate::elementwise::Operand;
use crate::error::{Error, ErrorKind};
use crate::expr::{Custom, Expr, Kind};
use crate::grid::{Dims, number};
use crate::map::Map;
use crate::rearrange::{needs_of_region, pieces, region_of, regridded};
use crate::tile::Piece;
use crate::views::{sliced, view};
use ndarray::{Axis, Dimension, SliceArg};
use std::ops::Range;
use std::sync::Arc;

/// An axis is repeated to at most so many elements: there is a list of them.
const REPEATED_MAX: usize = 1 << 27;

/// Elements along an axis, in the order of `indices`.
struct Selected {
    axis: usize,
    indices: Vec<usize>,
}

impl Selected {
    /// The chunks along the axis that a chunk of the result takes from, each once.
    fn chunks(&self, expr: &Expr, input: &Expr, at: &[usize]) -> Vec<usize> {
        let indices = &self.indices[expr.grid.range(self.axis, at[self.axis])];
        let chunk_of = |&index: &usize| input.grid.chunk_at(self.axis, index);
        let mut chunks: Vec<usize> = indices.iter().map(chunk_of).collect();
        chunks.sort_unstable();
        chunks.dedup();
        chunks
    }
}

impl Custom for Selected {
    fn needs(&self, expr: &Expr, at: &[usize], need: &mut dyn FnMut(usize, usize)) {
        for input in expr.inputs() {
            let mut chunk = Dims::from(at);
            for along in self.chunks(expr, input, at) {
                chunk[self.axis] = along;
                need(0, number(&chunk, &input.grid.counts()));
            }
        }
    }

    fn make(&self, expr: &Expr, at: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        let range = expr.grid.range(self.axis, at[self.axis]);
        let mut all = Vec::new();
        for input in expr.inputs() {
            let chunks = self.chunks(expr, input, at);
            let mut place = 0;
            let indices = &self.indices[range.clone()];
            while place < indices.len() {
                // Indices that follow each other are one piece.
                let first = indices[place];
                let chunk = input.grid.chunk_at(self.axis, first);
                let end = input.grid.range(self.axis, chunk).end;
                let is_next =
                    |&(step, &index): &(usize, &usize)| index == first + step && index < end;
                let len = indices[place..].iter().enumerate().take_while(is_next).count();
                let block = &blocks[chunks.partition_point(|&other| other < chunk)];
                let mut part: Vec<Range<usize>> = block.shape.iter().map(|&len| 0..len).collect();
                let from = first - input.grid.range(self.axis, chunk).start;
                part[self.axis] = from..from + len;
                let mut to = Dims::from_elem(0, block.shape.len());
                to[self.axis] = place;
                all.push(Piece { from: block.within(&part), to });
                place += len;
            }
        }
        Ok(expr.of.gather(expr.grid.chunk_shape(at), &all))
    }
}

/// An array with what is seen through a map replaced by another one.
struct Assigned {
    map: Map,
}

impl Assigned {
    /// The indices of the new elements that lie in a chunk, and where they lie in it.
    fn part(&self, expr: &Expr, values: &Expr, at: &[usize]) -> Option<Vec<Range<usize>>> {
        let region = region_of(&expr.grid, at);
        let mut part: Vec<Range<usize>> = values.shape.iter().map(|&len| 0..len).collect();
        for (along, range) in self.map.0.iter().zip(&region) {
            let Some(of) = along.of else {
                if !range.contains(&along.start) {
                    return None;
                }
                continue;
            };
            // The indices whose position lies in the chunk: they follow each other, because positions only rise, or only fall.
            let (len, rises) = (values.shape[of], along.step > 0);
            let position = |index: usize| {
                along.start.wrapping_add_signed((index as isize).wrapping_mul(along.step))
            };
            let is_before = |index: usize| {
                if rises { position(index) < range.start } else { position(index) >= range.end }
            };
            let is_in = |index: usize| {
                if rises { position(index) < range.end } else { position(index) >= range.start }
            };
            let from = partition(0..len, is_before);
            part[of] = from..partition(from..len, is_in);
        }
        (!part.iter().any(Range::is_empty)).then_some(part)
    }
}

/// The first number of the range of which `is_before` is not true; it is true of those before it.
fn partition(range: Range<usize>, is_before: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (range.start, range.end);
    while low < high {
        let middle = low + (high - low) / 2;
        if is_before(middle) { low = middle + 1 } else { high = middle }
    }
    low
}

impl Custom for Assigned {
    fn needs(&self, expr: &Expr, at: &[usize], need: &mut dyn FnMut(usize, usize)) {
        let mut inputs = expr.inputs();
        if let (Some(old), Some(values)) = (inputs.next(), inputs.next()) {
            need(0, number(at, &old.grid.counts()));
            if let Some(part) = self.part(expr, values, at) {
                needs_of_region(&values.grid, &part, |chunk| need(1, chunk));
            }
        }
    }

    fn make(&self, expr: &Expr, at: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        let mut inputs = expr.inputs().skip(1);
        let mut blocks = blocks.into_iter();
        let (Some(old), Some(values)) = (blocks.next(), inputs.next()) else {
            unreachable!("made with two inputs")
        };
        let Some(part) = self.part(expr, values, at) else { return Ok(old) };
        let shape: Dims = part.iter().map(Range::len).collect();
        let new = values.of.gather(shape, &pieces(&values.grid, &part, &mut blocks));
        let origin = expr.grid.origin(at);
        // The first element's place in the chunk, and the way from one to the next.
        let first: Dims = part.iter().map(|range| range.start).collect();
        let place: Dims =
            self.map.position(&first).iter().zip(&origin).map(|(at, o)| at - o).collect();
        let whole = Piece { from: old, to: Dims::from_elem(0, expr.shape.len()) };
        Ok(expr.of.replaced(expr.grid.chunk_shape(at), &whole, &new, &place, &self.map))
    }
}

impl<A: Element, D: Dimension> Array<A, D> {
    /// The elements at `indices` along an axis, in this order, also several times; NumPy's `take`.
    ///
    /// # Errors
    /// Carried by the array: the indices have to be within the axis.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::arange(0, 50, 10);
    /// assert_eq!(x.select(ndarray::Axis(0), &[4, 0, 0]).compute()?.to_vec(), [40, 0, 0]);
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Cost
    /// A task for each chunk of the result, which reads all chunks that its indices fall into: sorted indices read least.
    #[track_caller]
    pub fn select(&self, axis: Axis, indices: &[usize]) -> Array<A, D> {
        self.step(|expr| {
            check_axis(axis.0, &expr.shape)?;
            let len = expr.shape[axis.0];
            if let Some(index) = indices.iter().find(|&&index| index >= len) {
                let message = format!(
                    "index {index} is selected along axis {} of shape {:?}, which is {len} long",
                    axis.0,
                    &expr.shape[..]
                );
                return Err(Error::new(ErrorKind::Index, message));
            }
            let mut shape = expr.shape.clone();
            shape[axis.0] = indices.len();
            crate::grid::check_size(&shape, size_of::<A>())?;
            let longest = expr.grid.bounds(axis.0).windows(2).map(|b| b[1] - b[0]).max();
            let mut bounds: Vec<usize> =
                (0..indices.len()).step_by(longest.unwrap_or(1).max(1)).collect();
            if bounds.is_empty() {
                bounds.push(0);
            }
            bounds.push(indices.len());
            let mut grid = expr.grid.clone();
            grid.set(axis.0, bounds.into());
            let make = Arc::new(Selected { axis: axis.0, indices: indices.to_vec() });
            let kind = Kind::Custom { make, inputs: vec![expr.clone()] };
            let (dtype, of, location) = (expr.dtype, expr.of, expr.location);
            Ok(Expr { kind, name: "select", dtype, of, shape, grid, location })
        })
    }

    /// The elements along an axis where `keep` is true; NumPy's `compress`.
    ///
    /// `keep` has to be known, because the shape follows from it: of a condition on an array, compute that first.
    ///
    /// # Errors
    /// Carried by the array: `keep` has to be as long as the axis.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::arange(0, 6, 1);
    /// let keep = (&x % 2).equal(0).compute()?;
    /// assert_eq!(x.compress(ndarray::Axis(0), &keep.to_vec()).compute()?.to_vec(), [0, 2, 4]);
    /// # Ok::<(), array::Error>(())
    /// ```
    #[track_caller]
    pub fn compress(&self, axis: Axis, keep: &[bool]) -> Array<A, D> {
        if self.state.is_ok() && self.shape().get(axis.0).is_some_and(|&len| len != keep.len()) {
            return self.step(|expr| {
                let message = format!(
                    "{} conditions along axis {} of shape {:?}; give one for each index",
                    keep.len(),
                    axis.0,
                    &expr.shape[..]
                );
                Err(Error::new(ErrorKind::Shape, message))
            });
        }
        let indices: Vec<usize> = (0..keep.len()).filter(|&index| keep[index]).collect();
        self.select(axis, &indices)
    }

    /// Each element along an axis, `count` times; NumPy's `repeat`.
    #[track_caller]
    pub fn repeat(&self, count: usize, axis: Axis) -> Array<A, D> {
        let len = self.shape().get(axis.0).copied().unwrap_or(0);
        if len.checked_mul(count).is_none_or(|len| len > REPEATED_MAX) {
            return self.step(|expr| {
                let message = format!(
                    "axis {} of shape {:?} repeated {count} times: {REPEATED_MAX} elements along an axis are the most; `broadcast` repeats without a copy",
                    axis.0,
                    &expr.shape[..]
                );
                Err(Error::new(ErrorKind::Overflow, message))
            });
        }
        let indices: Vec<usize> = (0..len * count).map(|at| at / count).collect();
        self.select(axis, &indices)
    }

    /// The array with other elements in a slice, given as for [`slice`](Array::slice): `values`, an array that broadcasts to the slice's shape, or a number.
    ///
    /// # Errors
    /// Carried by the array: the slice has to be within the array, and the values have to fit it.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use ndarray::s;
    /// let x = array::Array::arange(0, 6, 1).assign(s![1..;2], -1);
    /// assert_eq!(x.compute()?.to_vec(), [0, -1, 2, -1, 4, -1]);
    /// # Ok::<(), array::Error>(())
    /// ```
    #[track_caller]
    pub fn assign<I: SliceArg<D>, E: Dimension>(
        &self,
        info: I,
        values: impl Operand<A, E>,
    ) -> Array<A, D> {
        let values = values.into_array();
        self.step(|expr| {
            let values = values.state.as_ref().map_err(Clone::clone)?;
            let part = Arc::new(sliced(expr, info.as_ref())?);
            let Kind::View { map, .. } = &part.kind else { unreachable!("a slice is a view") };
            let to = &part.shape;
            let new = to.len().checked_sub(values.shape.len());
            let fits = new.is_some_and(|new| {
                values.shape.iter().zip(&to[new..]).all(|(&len, &to)| len == to || len == 1)
            });
            if !fits {
                let message = format!(
                    "cannot assign shape {:?} to a slice of shape {:?}",
                    &values.shape[..],
                    &to[..]
                );
                return Err(Error::new(ErrorKind::Shape, message));
            }
            let spread = Map::broadcast(&values.shape, to);
            let values = Arc::new(view("broadcast", values, spread, to.clone())?);
            // What one chunk takes is one chunk.
            let values = Arc::new(regridded(&values, part.grid.clone()));
            let make = Arc::new(Assigned { map: map.clone() });
            let kind = Kind::Custom { make, inputs: vec![expr.clone(), values] };
            let (dtype, of, location, grid) =
                (expr.dtype, expr.of, expr.location, expr.grid.clone());
            Ok(Expr { kind, name: "assign", dtype, of, shape: expr.shape.clone(), grid, location })
        })
    }
}
