//! What depends on the order of elements by size: quantiles, and the largest few.
//!
//! In: arrays of numbers with an order. Out: expressions over chunks that are whole along the axis, or results of each chunk that are put together.
//!
//! Quantiles interpolate linearly between the two elements next to them, as NumPy's default does (type 7 of Hyndman and Fan, *Sample quantiles in statistical packages*, 1996).

use crate::array::{Array, check_axis};
use crate::block::Block;
use crate::blocks::{custom, typed, whole_along};
use crate::element::{Element, Float, Number, Real};
use crate::error::{Error, ErrorKind};
use crate::expr::{Custom, Expr, ExprRef};
use crate::grid::{CHUNK_BYTES, number};
use crate::reductions::Spread;
use ndarray::{ArrayD, ArrayViewD, Axis, Dimension, Ix0, RemoveAxis};
use std::cmp::Ordering;
use std::marker::PhantomData;
use std::sync::Arc;

/// Elements by size, NaN last.
pub(crate) fn by_size<A: Real>(a: &A, b: &A) -> Ordering {
    a.partial_cmp(b).unwrap_or_else(|| a.is_nan_().cmp(&b.is_nan_()))
}

/// The quantile of some elements, which it changes the order of.
fn quantile_of<A: Real + Spread>(values: &mut [A], q: f64) -> A::Mean {
    let place = q * (values.len() - 1) as f64;
    let (lower, part) = (place.floor() as usize, place - place.floor());
    let (_, low, above) = values.select_nth_unstable_by(lower, by_size);
    let low = *low;
    // NaN is the largest of all, so it is found where the largest is.
    let next = above.iter().copied().min_by(by_size);
    let is_nan = low.is_nan_() || above.iter().any(|value| value.is_nan_());
    match next {
        _ if is_nan => nan_of(values).to_mean(),
        Some(next) if part > 0.0 && next != low => {
            let (low, next) = (low.to_mean(), next.to_mean());
            let way = next.sub_(low);
            let share = |of: A::Mean, part: f64| A::scaled(of, A::Variance::from_f64(part));
            match way.sub_(way) == A::Mean::ZERO {
                true => low.add_(share(way, part)),
                // From or to infinity, or over more than the largest number.
                false => share(low, 1.0 - part).add_(share(next, part)),
            }
        }
        _ => low.to_mean(),
    }
}

fn nan_of<A: Element>(values: &[A]) -> A {
    values.iter().copied().find(|value| value.is_nan_()).unwrap_or_default()
}

fn check_quantile(q: f64, expr: &ExprRef, axis: usize) -> Result<(), Error> {
    if !(0.0..=1.0).contains(&q) {
        let message = format!("quantile {q}: give a number from 0 to 1");
        return Err(Error::new(ErrorKind::Value, message));
    }
    check_axis(axis, &expr.shape)?;
    if expr.shape[axis] == 0 {
        let message = format!(
            "quantile of no elements: axis {axis} of shape {:?} has length 0",
            &expr.shape[..]
        );
        return Err(Error::new(ErrorKind::Shape, message));
    }
    Ok(())
}

impl<A: Real + Spread, D: Dimension + 'static> Array<A, D> {
    /// The quantile `q` of each row along an axis, from 0 for the least element to 1 for the greatest, interpolated linearly; NaN if any element is.
    ///
    /// # Errors
    /// Carried by the array: `q` from 0 to 1, and at least one element.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::from(ndarray::arr2(&[[4.0, 1.0, 2.0, 8.0]]));
    /// assert_eq!(x.quantile_axis(ndarray::Axis(1), 0.5).compute()?.to_vec(), [3.0]);
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Cost
    /// Chunks become whole along the axis; then O(n) for a row of n elements.
    #[track_caller]
    pub fn quantile_axis(&self, axis: Axis, q: f64) -> Array<A::Mean, D::Smaller>
    where
        D: RemoveAxis,
        D::Smaller: 'static,
    {
        let checked = self.state.as_ref().map_or(Ok(()), |expr| check_quantile(q, expr, axis.0));
        if let Err(error) = checked {
            return self.step(|_| Err(error));
        }
        self.map_axis(axis, move |row| quantile_of(&mut row.to_vec(), q))
    }

    /// The median of each row along an axis: its quantile ½.
    #[track_caller]
    pub fn median_axis(&self, axis: Axis) -> Array<A::Mean, D::Smaller>
    where
        D: RemoveAxis,
        D::Smaller: 'static,
    {
        self.quantile_axis(axis, 0.5)
    }

    /// The [quantile](Array::quantile_axis) of the elements that are not NaN; NaN, if all are.
    ///
    /// # Errors
    /// As [`quantile_axis`](Array::quantile_axis).
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::from(ndarray::arr2(&[[4.0, 1.0], [f64::NAN, 2.0], [6.0, 9.0]]));
    /// assert_eq!(x.nanquantile_axis(ndarray::Axis(0), 0.5).compute()?.to_vec(), [5.0, 2.0]);
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Cost
    /// As [`quantile_axis`](Array::quantile_axis).
    #[track_caller]
    pub fn nanquantile_axis(&self, axis: Axis, q: f64) -> Array<A::Mean, D::Smaller>
    where
        D: RemoveAxis,
        D::Smaller: 'static,
    {
        let checked = self.state.as_ref().map_or(Ok(()), |expr| check_quantile(q, expr, axis.0));
        if let Err(error) = checked {
            return self.step(|_| Err(error));
        }
        self.map_axis(axis, move |row| {
            let mut known: Vec<A> = row.iter().copied().filter(|value| !value.is_nan_()).collect();
            match known.is_empty() {
                true => row[0].to_mean(),
                false => quantile_of(&mut known, q),
            }
        })
    }

    /// The median of the elements of each row along an axis that are not NaN.
    #[track_caller]
    pub fn nanmedian_axis(&self, axis: Axis) -> Array<A::Mean, D::Smaller>
    where
        D: RemoveAxis,
        D::Smaller: 'static,
    {
        self.nanquantile_axis(axis, 0.5)
    }

    /// The quantile `q` of all elements that are not NaN.
    ///
    /// # Errors
    /// As [`quantile_axis`](Array::quantile_axis).
    ///
    /// # Cost
    /// As [`quantile`](Array::quantile).
    #[track_caller]
    pub fn nanquantile(&self, q: f64) -> Array<A::Mean, Ix0> {
        self.flatten().nanquantile_axis(Axis(0), q)
    }

    /// The median of all elements that are not NaN.
    #[track_caller]
    pub fn nanmedian(&self) -> Array<A::Mean, Ix0> {
        self.nanquantile(0.5)
    }

    /// The quantile `q` of all elements.
    ///
    /// # Errors
    /// As [`quantile_axis`](Array::quantile_axis).
    ///
    /// # Cost
    /// All elements become one chunk, which has to fit into memory.
    #[track_caller]
    pub fn quantile(&self, q: f64) -> Array<A::Mean, Ix0> {
        self.flatten().quantile_axis(Axis(0), q)
    }

    /// The median of all elements.
    #[track_caller]
    pub fn median(&self) -> Array<A::Mean, Ix0> {
        self.quantile(0.5)
    }
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
        let mut out = ArrayD::from_elem(ndarray::IxDyn(&expr.grid.chunk_shape(at)), A::ZERO);
        for (mut out, row) in out.lanes_mut(axis).into_iter().zip(block.lanes(axis)) {
            let mut values = row.to_vec();
            if self.k < values.len() && self.k > 0 {
                values.select_nth_unstable_by(self.k - 1, |a, b| by_size(b, a));
            }
            values.truncate(self.k);
            values.sort_unstable_by(|a, b| by_size(b, a));
            for (out, value) in out.iter_mut().zip(values) {
                *out = value;
            }
        }
        Ok(Block::from_array(out.into_shared()))
    }
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

impl<A: Real, D: Dimension + 'static> Array<A, D> {
    /// The `k` largest elements along an axis, in falling order; NaN counts as largest.
    ///
    /// # Errors
    /// Carried by the array: the axis has to have as many elements.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::from(vec![3, 9, 1, 7, 9]).rechunk(2);
    /// assert_eq!(x.topk(3, ndarray::Axis(0)).compute()?.to_vec(), [9, 9, 7]);
    /// # Ok::<(), array::Error>(())
    /// ```
    #[track_caller]
    pub fn topk(&self, k: usize, axis: Axis) -> Array<A, D> {
        self.step(|expr| {
            check_axis(axis.0, &expr.shape)?;
            if k > expr.shape[axis.0] || k == 0 {
                let message = format!(
                    "the {k} largest along axis {} of shape {:?}: give a number from 1 to its length",
                    axis.0,
                    &expr.shape[..]
                );
                return Err(Error::new(ErrorKind::Value, message));
            }
            // Of each chunk first, then of what is left.
            let of_chunks = Arc::new(largest::<A>(expr, axis.0, k)?);
            let whole = Arc::new(whole_along(&of_chunks, axis.0, CHUNK_BYTES)?);
            largest::<A>(&whole, axis.0, k)
        })
    }
}
