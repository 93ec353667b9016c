//! What depends on the order of elements by size: the largest few.
//!
//! In: arrays of numbers with an order. Out: expressions over chunks that are whole along the axis, or results of each chunk that are put together.
//!
//! Not here: quantiles (`quantile`).

use crate::array::{Array, check_axis};
use crate::block::Block;
use crate::blocks::{custom, filled, longer_along, typed};
use crate::element::{Element, Real};
use crate::error::{Error, ErrorKind, is_or_are};
use crate::expr::{Custom, Effort, Expr, ExprRef};
use crate::grid::{check_number, number};
use crate::map::Map;
use crate::sizes::CHUNK_BYTES;
use crate::views::view;
use ndarray::{ArrayViewD, Axis, Dimension};
use std::cmp::Ordering;
use std::marker::PhantomData;
use std::sync::Arc;

/// Elements by size, equal ones equal, NaN last; `order_` says which of two zeros comes first.
pub(crate) fn by_size<A: Real>(a: &A, b: &A) -> Ordering {
    a.partial_cmp(b).unwrap_or_else(|| a.is_nan_().cmp(&b.is_nan_()))
}

/// The largest few along an axis of each chunk, in falling order.
struct Largest<A> {
    axis: usize,
    k: usize,
    element: PhantomData<A>,
}

impl<A: Real> Custom for Largest<A> {
    fn needs(&self, expr: &Expr, at: &[usize], need: &mut dyn FnMut(usize, usize)) {
        need(0, number(at, &expr.grid.counts()));
    }

    fn make(&self, expr: &Expr, at: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        let block: ArrayViewD<'_, A> = typed(&blocks[0]);
        let axis = Axis(self.axis);
        filled(expr.grid.chunk_shape(at), |mut out| {
            for (mut out, row) in out.lanes_mut(axis).into_iter().zip(block.lanes(axis)) {
                let mut values = row.to_vec();
                if self.k < values.len() && self.k > 0 {
                    values.select_nth_unstable_by(self.k - 1, |a, b| b.order_(a));
                }
                values.truncate(self.k);
                values.sort_unstable_by(|a, b| b.order_(a));
                for (out, value) in out.iter_mut().zip(values) {
                    *out = value;
                }
            }
            Ok(())
        })
    }

    fn effort(&self, expr: &Expr, at: &[usize]) -> Effort {
        // A copy of one row after the other.
        let row = expr.inputs().next().map_or(0, |x| x.grid.chunk_shape(at)[self.axis]);
        Effort { works: row.saturating_mul(size_of::<A>()), ..Effort::default() }
    }
}

/// What is left of so many chunks is put together at a time.
const MERGED: usize = 8;

/// The boundaries of so many chunks at a time.
fn every(some: usize, bounds: &[usize]) -> Arc<[usize]> {
    let last = bounds.len() - 1;
    bounds[..last].iter().step_by(some).chain(&bounds[last..]).copied().collect()
}

fn largest<A: Real>(expr: &ExprRef, axis: usize, k: usize) -> Result<Expr, Error> {
    let mut shape = expr.shape.clone();
    let mut bounds = vec![0];
    for range in expr.grid.bounds(axis).windows(2) {
        bounds.push(bounds[bounds.len() - 1] + (range[1] - range[0]).min(k));
    }
    shape[axis] = bounds[bounds.len() - 1];
    let mut grid = expr.grid.clone();
    grid.set(axis, bounds.into());
    let make = Arc::new(Largest::<A> { axis, k, element: PhantomData });
    custom::<A>("topk", make, vec![expr.clone()], shape, grid)
}

/// No element of each row.
fn none_along(expr: &ExprRef, axis: usize) -> Result<Expr, Error> {
    let mut shape = expr.shape.clone();
    shape[axis] = 0;
    view("topk", expr, Map::identity(shape.len()), shape)
}

impl<A: Element, D: Dimension + 'static> Array<A, D> {
    /// The `k` largest elements along an axis, in falling order; NaN counts as largest.
    ///
    /// # Errors
    /// Carried by the array: the axis has to have as many elements, also none.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::from(vec![3, 9, 1, 7, 9]).rechunk(2);
    /// assert_eq!(x.topk(3, ndarray::Axis(0)).compute()?.to_vec(), [9, 9, 7]);
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Cost
    /// The `k` largest of each chunk are held, those of eight chunks at a time (or of as many as have four times `k` elements), whose `k` largest are held in turn: a few chunks for each worker,
    /// if `k` is small beside a chunk's length.
    #[doc(alias = "partition")]
    #[track_caller]
    pub fn topk(&self, k: usize, axis: Axis) -> Array<A, D>
    where
        A: Real,
    {
        self.step(|expr| {
            check_axis(axis.0, &expr.shape)?;
            check_number("number of elements", k)?;
            if k > expr.shape[axis.0] {
                let remedy = match expr.shape[axis.0] {
                    0 => "it has no elements at all; ask for those of an axis that has some"
                        .to_owned(),
                    len => format!("give a number up to its length {len}"),
                };
                let message = format!(
                    "there {} no {k} largest element{} along axis {} of shape {:?}: {remedy}",
                    is_or_are(k),
                    if k == 1 { "" } else { "s" },
                    axis.0,
                    &expr.shape[..]
                );
                return Err(Error::new(ErrorKind::Value, message));
            }
            if k == 0 {
                return none_along(expr, axis.0);
            }
            // Of each chunk first, then of what is left of some of these, and so on.
            let mut left = largest::<A>(expr, axis.0, k)?;
            loop {
                if left.grid.count_along(axis.0) <= 1 {
                    return Ok(left);
                }
                // So many that a quarter of them is left, at most.
                let some =
                    k.saturating_mul(4).div_ceil(left.grid.longest(axis.0).max(1)).max(MERGED);
                let bounds = every(some, left.grid.bounds(axis.0));
                let some = longer_along(&Arc::new(left), axis.0, bounds, CHUNK_BYTES)?;
                left = largest::<A>(&Arc::new(some), axis.0, k)?;
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_of_no_elements_has_no_largest() {
        let x = Array::<f64, ndarray::Ix1>::zeros([0]);
        let error = x.topk(1, Axis(0)).check().unwrap_err().to_string();
        assert!(error.contains("it has no elements at all") && !error.contains("up to"), "{error}");
    }
}
