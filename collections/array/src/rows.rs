//! Functions of the user's over rows: of what lies along one axis.
//!
//! In: functions of views of rank 1. Out: custom expressions over chunks that are whole along the axis, which call them once for each row. An error or a panic of a function is one of its task,
//! and names the row.
//!
//! ```text
//! map_axis(Axis(1), f)         [2, ..] ->  [2]         a row becomes an element
//! map_axis_into(Axis(1), …)    [2, ..] ->  [2, ..]     a row becomes a row
//! ```
//! Not here: functions of blocks (`blocks`).

use crate::array::{Array, check_axis};
use crate::block::Block;
use crate::blocks::{custom, filled, room_for, typed, typed_mut, whole_along};
use crate::called::{Call, ElementOutcome, Failure, Name, Outcome};
use crate::element::Element;
use crate::error::Error;
use crate::expr::{Custom, Effort, Expr};
use crate::grid::{Dims, Grid, number, position};
use crate::sizes::CHUNK_BYTES;
use ndarray::{ArrayView, ArrayView1, ArrayViewMut, ArrayViewMut1, Axis, Dimension, RemoveAxis};
use std::cell::Cell;
use std::marker::PhantomData;
use std::sync::Arc;

impl<A: Element, D: Dimension + 'static> Array<A, D> {
    /// `f` of each row along an axis, which becomes one element, or a `Result` of one; NumPy's `apply_along_axis`.
    ///
    /// # Errors
    /// Carried by the array: it has to have the axis. Of the task: an error or a panic of `f`.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::from(ndarray::arr2(&[[3, 1], [2, 5]]));
    /// let spread = x.map_axis(ndarray::Axis(1), |row| row.iter().max().unwrap() - row.iter().min().unwrap());
    /// assert_eq!(spread.compute()?.to_vec(), [2, 3]);
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Cost
    /// Chunks become whole along the axis.
    #[doc(alias = "apply_along_axis")]
    #[track_caller]
    pub fn map_axis<R: ElementOutcome>(
        &self,
        axis: Axis,
        f: impl Fn(ArrayView1<'_, A>) -> R + Send + Sync + 'static,
    ) -> Array<R::Element, D::Smaller>
    where
        D: RemoveAxis,
        D::Smaller: 'static,
    {
        self.map_rows("map_axis", axis, 0, f)
    }

    /// [`map_axis`](Array::map_axis) by the name of the operation that is made of it, which works in so many bytes for each element of a row.
    #[track_caller]
    pub(crate) fn map_rows<R: ElementOutcome>(
        &self,
        operation: &'static str,
        axis: Axis,
        works: usize,
        f: impl Fn(ArrayView1<'_, A>) -> R + Send + Sync + 'static,
    ) -> Array<R::Element, D::Smaller>
    where
        D: RemoveAxis,
        D::Smaller: 'static,
    {
        self.step_of(operation, |expr| {
            check_axis(axis.0, &expr.shape)?;
            let input = Arc::new(whole_along(expr, axis.0, CHUNK_BYTES)?);
            let mut shape = expr.shape.clone();
            shape.remove(axis.0);
            let others = (0..expr.shape.len()).filter(|&other| other != axis.0);
            let grid = Grid::from_bounds(others.map(|other| input.grid.bounds(other).clone()));
            let make = Arc::new(Rows::<A, D, R, _> { f, axis, works, types: PhantomData });
            custom::<R::Element>(operation, make, vec![input], shape, grid)
        })
    }
}

impl<A: Element, D: RemoveAxis + 'static> Array<A, D> {
    /// `f` of each row along an axis, which writes a row of length `len`, all of it; NumPy's `apply_along_axis` to rows.
    ///
    /// # Errors
    /// Carried by the array: it has to have the axis. Of the task: an error or a panic of `f`.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// // The least and the greatest of each row.
    /// let x = array::Array::from(ndarray::arr2(&[[3, 1, 2], [2, 5, 4]]));
    /// let ends = x.map_axis_into(ndarray::Axis(1), 2, |row, mut out| {
    ///     out[0] = *row.iter().min().unwrap();
    ///     out[1] = *row.iter().max().unwrap();
    /// });
    /// assert_eq!(ends.compute()?, ndarray::arr2(&[[1, 3], [2, 5]]));
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Cost
    /// Chunks become whole along the axis.
    #[doc(alias = "apply_along_axis")]
    #[track_caller]
    pub fn map_axis_into<B: Element, R: Outcome<()>>(
        &self,
        axis: Axis,
        len: usize,
        f: impl Fn(ArrayView1<'_, A>, ArrayViewMut1<'_, B>) -> R + Send + Sync + 'static,
    ) -> Array<B, D> {
        self.step(|expr| {
            check_axis(axis.0, &expr.shape)?;
            let input = Arc::new(whole_along(expr, axis.0, CHUNK_BYTES)?);
            let (mut shape, mut grid) = (expr.shape.clone(), input.grid.clone());
            shape[axis.0] = len;
            grid.set(axis.0, [0, len].into());
            let make = Arc::new(RowsInto::<A, D, B, R, _> { f, axis, types: PhantomData });
            custom::<B>("map_axis_into", make, vec![input], shape, grid)
        })
    }
}

/// An element for each row of a block that is whole along the axis.
struct Rows<A, D, R, F> {
    f: F,
    axis: Axis,
    works: usize,
    types: PhantomData<fn(A, D) -> R>,
}

impl<A, D, R, F> Custom for Rows<A, D, R, F>
where
    A: Element,
    D: RemoveAxis,
    R: ElementOutcome,
    F: Fn(ArrayView1<'_, A>) -> R + Send + Sync,
{
    fn needs(&self, expr: &Expr, at: &[usize], need: &mut dyn FnMut(usize, usize)) {
        // Chunks correspond in C order: along the axis there is one.
        need(0, number(at, &expr.grid.counts()));
    }

    fn make(&self, expr: &Expr, at: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        let (block, call) = (typed::<A, D>(&blocks[0]), Call::new(expr, Name::of::<F>(), at));
        let room = room_for::<R::Element>(expr, at);
        let current = Cell::new(std::ptr::null());
        let place = || row_at(&block, self.axis, current.get(), &expr.grid.origin(at));
        let all = call.run_at(place, || {
            let mut failure: Option<Failure> = None;
            let all = block.map_axis(self.axis, |row| {
                if failure.is_some() {
                    return R::Element::default();
                }
                current.set(row.as_ptr());
                (self.f)(row).outcome().unwrap_or_else(|error| {
                    failure = Some(error);
                    R::Element::default()
                })
            });
            failure.map_or(Ok(all), Err)
        })?;
        Ok(Block::from_made(all, room))
    }

    fn effort(&self, expr: &Expr, _: &[usize]) -> Effort {
        let row = expr.inputs().next().map_or(0, |input| input.shape[self.axis.0]);
        Effort { works: row.saturating_mul(self.works), ..Effort::default() }
    }
}

/// A row for each row of a block that is whole along the axis.
struct RowsInto<A, D, B, R, F> {
    f: F,
    axis: Axis,
    types: PhantomData<fn(A, D) -> (B, R)>,
}

impl<A, D, B, R, F> Custom for RowsInto<A, D, B, R, F>
where
    A: Element,
    D: RemoveAxis,
    B: Element,
    R: Outcome<()>,
    F: Fn(ArrayView1<'_, A>, ArrayViewMut1<'_, B>) -> R + Send + Sync,
{
    fn needs(&self, expr: &Expr, at: &[usize], need: &mut dyn FnMut(usize, usize)) {
        need(0, number(at, &expr.grid.counts()));
    }

    fn make(&self, expr: &Expr, at: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        let (block, call) = (typed::<A, D>(&blocks[0]), Call::new(expr, Name::of::<F>(), at));
        let mut origin = expr.grid.origin(at);
        origin.remove(self.axis.0);
        let current = Cell::new(std::ptr::null());
        let place = || row_at(&block, self.axis, current.get(), &origin);
        filled(expr.grid.chunk_shape(at), |out| {
            let mut out: ArrayViewMut<'_, B, D> = typed_mut(out);
            let mut rows = block.lanes(self.axis).into_iter().zip(out.lanes_mut(self.axis));
            call.run_at(place, || {
                rows.try_for_each(|(row, out)| {
                    current.set(row.as_ptr());
                    (self.f)(row, out).outcome()
                })
            })
        })
    }
}

/// Which row of the array it is that begins at `first`: "the row [2, ..]". `origin` is the block's along the other axes.
fn row_at<A, D: Dimension>(
    block: &ArrayView<'_, A, D>,
    axis: Axis,
    first: *const A,
    origin: &[usize],
) -> String {
    let mut others = Dims::from_slice(block.shape());
    others.remove(axis.0);
    let number = block.lanes(axis).into_iter().position(|row| row.as_ptr() == first);
    let at = position(number.unwrap_or(0), &others);
    let mut at: Vec<String> =
        at.iter().zip(origin).map(|(at, origin)| (at + origin).to_string()).collect();
    at.insert(axis.0, "..".to_owned());
    format!("the row [{}]", at.join(", "))
}
