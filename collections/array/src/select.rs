//! Elements chosen by lists of indices, or all of them several times, and arrays with some elements replaced.
//!
//! In: indices along an axis, numbers of times, slices with what is to stand there. Out: custom expressions that copy.
//!
//! Not here: slices (`views`), which elements those are (`chosen`), and how they are copied (`picked`).

use crate::array::{Array, check_axis};
use crate::block::Block;
use crate::chosen::{Choice, Indices, Kept, Taken};
use crate::element::Element;
use crate::elementwise::Operand;
use crate::error::{Error, ErrorKind};
use crate::expr::{Custom, Expr, ExprRef, Kind};
use crate::grid::{
    CHUNKS_MAX, Dims, beyond_axis, check_count, check_number, check_size, no_index, number,
};
use crate::join::joined;
use crate::list::{List, Position};
use crate::map::Map;
use crate::picked::At;
use crate::places::Stretches;
use crate::rearrange::{needs_of_region, pieces, region_of, regridded};
use crate::reshape::INFERRED;
use crate::sizes::{CHUNK_BYTES, check_made, elements_by_itself};
use crate::tile::Piece;
use crate::views::{SliceOf, seen_grid, sliced, view_in};
use ndarray::{Axis, Dimension};
use std::ops::Range;
use std::sync::Arc;

/// Chosen elements along an axis.
struct Selected {
    axis: usize,
    choice: Choice,
    /// For each chunk of the result along the axis, the chunks that it takes from.
    taken: Vec<Taken>,
}

impl Selected {
    /// The block of the elements at these indices.
    fn block(
        &self,
        expr: &Expr,
        at: &[usize],
        blocks: &[Block],
        mut indices: impl Iterator<Item = usize>,
    ) -> Result<Block, Error> {
        let (axis, taken) = (self.axis, &self.taken[at[self.axis]]);
        let Some(input) = expr.inputs().next() else { unreachable!("made with an input") };
        // Which of the blocks a chunk is.
        let mut block_of = Vec::new();
        if let Taken::Some(chunks) = taken {
            block_of.resize(input.grid.count_along(axis), 0);
            (0..).zip(chunks).for_each(|(block, &chunk)| block_of[chunk as usize] = block);
        }
        let stretches = Stretches::along(&input.grid, axis);
        let bounds = input.grid.bounds(axis);
        // Neighbours mostly come from one chunk.
        let (mut block, mut start, mut end) = (0, 0, 0);
        let mut find = |index: usize| {
            if !(start..end).contains(&index) {
                let (chunk, first) = stretches.find(index);
                (start, end) = (first, bounds[chunk + 1]);
                block = block_of.get(chunk).copied().unwrap_or(chunk);
            }
            (block, index - start)
        };
        let mut next = |count: usize, found: &mut Vec<At>| {
            found.extend(indices.by_ref().take(count).map(&mut find));
        };
        expr.of.select(expr.grid.chunk_shape(at), axis, blocks, &mut next)
    }
}

impl Custom for Selected {
    fn needs(&self, expr: &Expr, at: &[usize], need: &mut dyn FnMut(usize, usize)) {
        for input in expr.inputs() {
            let mut chunk = Dims::from(at);
            for along in self.taken[at[self.axis]].chunks() {
                chunk[self.axis] = along;
                need(0, number(&chunk, &input.grid.counts()));
            }
        }
    }

    fn make(&self, expr: &Expr, at: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        let places = expr.grid.range(self.axis, at[self.axis]);
        match &self.choice {
            Choice::List(Indices::Short(list)) => {
                let indices = list[places].iter().map(|&index| index as usize);
                self.block(expr, at, &blocks, indices)
            }
            Choice::List(Indices::Long(list)) => {
                self.block(expr, at, &blocks, list[places].iter().copied())
            }
            Choice::Kept(kept) => self.block(expr, at, &blocks, kept.of_stretch(at[self.axis])),
            Choice::Each(count) => self.block(expr, at, &blocks, places.map(|place| place / count)),
            Choice::All(len) => self.block(expr, at, &blocks, places.map(|place| place % len)),
        }
    }
}

/// The elements of an expression that are chosen along an axis, `len` of them.
fn selected(
    name: &'static str,
    expr: &ExprRef,
    axis: usize,
    choice: Choice,
    len: usize,
) -> Result<Expr, Error> {
    let mut shape = expr.shape.clone();
    shape[axis] = len;
    check_size(&shape, expr.dtype.size)?;
    // As many chunks as before, if these are not larger than chunks are by themselves: of a small array that is repeated often, few.
    let others: usize = (0..shape.len())
        .filter(|&other| other != axis)
        .map(|other| expr.grid.longest(other))
        .product();
    let by_itself = elements_by_itself(&shape, expr.dtype.size) / others.max(1);
    let as_many = len.div_ceil(expr.grid.count_along(axis));
    let step = expr.grid.longest(axis).max(by_itself.min(as_many)).max(1);
    let mut grid = expr.grid.clone();
    check_count(
        (0..shape.len()).map(|other| match other == axis {
            true => len.div_ceil(step),
            false => grid.count_along(other),
        }),
        &shape,
    )?;
    let mut bounds: Vec<usize> = (0..len.max(1)).step_by(step).collect();
    bounds.push(len);
    let bounds: Arc<[usize]> = bounds.into();
    grid.set(axis, bounds.clone());
    if matches!(choice, Choice::Each(_) | Choice::All(_)) {
        let remedy = "give a smaller number, or repeat no more than the part that is needed";
        check_made(&shape, &grid, expr.dtype.size, remedy)?;
    }
    let choice = choice.cut(&bounds);
    let stretches = bounds.windows(2).enumerate();
    let taken = stretches.map(|(at, pair)| choice.taken(at, pair[0]..pair[1], &expr.grid, axis));
    let taken = taken.collect();
    let make = Arc::new(Selected { axis, choice, taken });
    let kind = Kind::Custom { make, inputs: vec![expr.clone()] };
    let (dtype, of, location) = (expr.dtype, expr.of, expr.location);
    Ok(Expr { kind, name, dtype, of, shape, grid, location })
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
        let new = values.of.gather(shape, &pieces(&values.grid, &part, &mut blocks))?;
        let origin = expr.grid.origin(at);
        // The first element's place in the chunk, and the way from one to the next.
        let first: Dims = part.iter().map(|range| range.start).collect();
        let place: Dims =
            self.map.position(&first).iter().zip(&origin).map(|(at, o)| at - o).collect();
        let whole = Piece { from: old, to: Dims::from_elem(0, expr.shape.len()) };
        expr.of.replaced(expr.grid.chunk_shape(at), &whole, &new, &place, &self.map)
    }
}

/// The expression `count` times along an axis, whose length is then `len`.
pub(crate) fn tiled(
    name: &'static str,
    expr: &ExprRef,
    axis: usize,
    count: usize,
    len: usize,
) -> Result<Expr, Error> {
    let all = expr.shape.iter().product::<usize>().saturating_mul(expr.dtype.size);
    if all < CHUNK_BYTES / 2 {
        return selected(name, expr, axis, Choice::All(expr.shape[axis]), len);
    }
    if count == 0 {
        return selected(name, expr, axis, Choice::List(Indices::Short(Vec::new())), 0);
    }
    // Before there is a list of so many.
    if count > CHUNKS_MAX {
        let message = format!(
            "axis {axis} of shape {:?} tiled {count} times has as many chunks at least, and {CHUNKS_MAX} are the most; give a smaller number",
            &expr.shape[..]
        );
        return Err(Error::new(ErrorKind::Overflow, message));
    }
    let mut shape = expr.shape.clone();
    shape[axis] = len;
    check_count([expr.grid.count(), count].into_iter(), &shape)?;
    joined(name, vec![expr.clone(); count], axis)
}

/// The length of an axis `count` times.
fn many_times(done: &str, expr: &Expr, axis: usize, count: usize) -> Result<usize, Error> {
    check_axis(axis, &expr.shape)?;
    check_number("number of times", count)?;
    let is_addressed = |&len: &usize| {
        let mut shape = expr.shape.clone();
        shape[axis] = len;
        len != INFERRED && check_size(&shape, expr.dtype.size).is_ok()
    };
    expr.shape[axis].checked_mul(count).filter(is_addressed).ok_or_else(|| {
        let message = format!(
            "axis {axis} of shape {:?} {done} {count} times has more elements than can be addressed; give a smaller number",
            &expr.shape[..]
        );
        Error::new(ErrorKind::Overflow, message)
    })
}

impl<A: Element, D: Dimension> Array<A, D> {
    /// The elements at `indices` along an axis, in this order, also several times; NumPy's `take`.
    ///
    /// The indices are integers of any type, so that what [`argsort`](Array::argsort) or [`Random::permutation`](crate::Random::permutation) gives, computed, is a list of them.
    ///
    /// # Errors
    /// Carried by the array: the indices have to be within the axis.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use ndarray::Axis;
    /// let x = array::Array::from(vec![40, 0, 10]);
    /// assert_eq!(x.select(Axis(0), [2, 0, 0]).compute()?.to_vec(), [10, 40, 40]);
    /// let order = x.argsort(Axis(0)).compute()?;
    /// assert_eq!(x.select(Axis(0), &order).compute()?.to_vec(), [0, 10, 40]);
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Cost
    /// A task for each chunk of the result, which reads all chunks that its indices fall into: sorted indices read least. There are as many chunks along the axis as the array has, and more where
    /// they would be larger than the array's, and than 4 MiB.
    /// The indices are copied, in 4 bytes each along axes of less than 2³² elements.
    #[doc(alias = "take")]
    #[track_caller]
    pub fn select<I: Position>(&self, axis: Axis, indices: impl List<I>) -> Array<A, D> {
        let given = indices.list();
        let indices: Vec<usize> = given.iter().map(|index| index.index()).collect();
        self.step(|expr| {
            check_axis(axis.0, &expr.shape)?;
            let len = expr.shape[axis.0];
            let list = Indices::new(&indices, len).map_err(|index| {
                match given.iter().find(|given| given.index() == index && !given.is_from_end()) {
                    Some(given) => no_index(given, axis.0, &expr.shape),
                    None => beyond_axis(index, axis.0, &expr.shape, |_| String::new()),
                }
            })?;
            selected("select", expr, axis.0, Choice::List(list), indices.len())
        })
    }

    /// The elements along an axis where `keep` is true; NumPy's `compress`.
    ///
    /// `keep` has to be known, because the shape follows from it: of a condition on an array, compute that first, or [`extract`](Array::extract) what is under it.
    ///
    /// # Errors
    /// Carried by the array: `keep` has to be as long as the axis.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::arange(0, 6, 1);
    /// let keep = (&x % 2).equal(0).compute()?;
    /// assert_eq!(x.compress(ndarray::Axis(0), &keep).compute()?.to_vec(), [0, 2, 4]);
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Cost
    /// As [`select`](Array::select) of sorted indices, and a bit for each `bool`.
    #[doc(alias = "mask")]
    #[track_caller]
    pub fn compress(&self, axis: Axis, keep: impl List<bool>) -> Array<A, D> {
        let keep = keep.list();
        self.step(|expr| {
            check_axis(axis.0, &expr.shape)?;
            if expr.shape[axis.0] != keep.len() {
                let message = format!(
                    "a mask of length {} along axis {} of shape {:?}, which is {} long: give one `bool` for each index",
                    keep.len(),
                    axis.0,
                    &expr.shape[..],
                    expr.shape[axis.0]
                );
                return Err(Error::new(ErrorKind::Shape, message));
            }
            let kept = Kept::new(&keep);
            let len = kept.count();
            selected("compress", expr, axis.0, Choice::Kept(kept), len)
        })
    }

    /// Each element along an axis, `count` times; NumPy's `repeat`.
    ///
    /// # Errors
    /// Carried by the array: it has to have the axis, and the result no more than 256 TiB.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::arange(0, 2, 1);
    /// assert_eq!(x.repeat(3, ndarray::Axis(0)).compute()?.to_vec(), [0, 0, 0, 1, 1, 1]);
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Cost
    /// A task for each chunk of the result, which copies.
    #[track_caller]
    pub fn repeat(&self, count: usize, axis: Axis) -> Array<A, D> {
        self.step(|expr| {
            let len = many_times("repeated", expr, axis.0, count)?;
            selected("repeat", expr, axis.0, Choice::Each(count), len)
        })
    }

    /// The array, `count` times along an axis.
    ///
    /// # Errors
    /// Carried by the array: it has to have the axis, and the result no more than 256 TiB of copies, and no more than 2²⁶ chunks.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::arange(0, 2, 1);
    /// assert_eq!(x.tile(3, ndarray::Axis(0)).compute()?.to_vec(), [0, 1, 0, 1, 0, 1]);
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Cost
    /// As [`concatenate`](crate::concatenate) of so many copies. Of an array of less than 2 MiB, several of which make a chunk, a task for each chunk, which copies.
    #[track_caller]
    pub fn tile(&self, count: usize, axis: Axis) -> Array<A, D> {
        self.step(|expr| {
            let len = many_times("tiled", expr, axis.0, count)?;
            tiled("tile", expr, axis.0, count, len)
        })
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
    #[doc(alias = "setitem")]
    #[track_caller]
    pub fn assign<I: SliceOf<D>, E: Dimension>(
        &self,
        info: I,
        values: impl Operand<A, E>,
    ) -> Array<A, D> {
        let values = values.into_array();
        self.step(|expr| {
            let values = values.state.as_ref().map_err(Clone::clone)?;
            let part = Arc::new(sliced(expr, info.of_axes())?);
            let Kind::View { map, .. } = &part.kind else { unreachable!("a slice is a view") };
            let to = &part.shape;
            let new = to.len().checked_sub(values.shape.len());
            let fits = new.is_some_and(|new| {
                values.shape.iter().zip(&to[new..]).all(|(&len, &to)| len == to || len == 1)
            });
            if !fits {
                let message = format!(
                    "cannot assign shape {:?} to a slice of shape {:?}: aligned at the end, each axis has to be of the slice's length or of length 1",
                    &values.shape[..],
                    &to[..]
                );
                return Err(Error::new(ErrorKind::Shape, message));
            }
            let spread = Map::broadcast(&values.shape, to);
            let seen = seen_grid(values, &spread, to);
            let values = Arc::new(view_in("broadcast", values, spread, to.clone(), seen));
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
