//! What depends on the order of elements by size: the largest few, the different ones, and how many lie where.
//!
//! In: arrays of numbers with an order. Out: expressions over chunks that are whole along the axis, or results of each chunk that are put together.
//!
//! Not here: quantiles (`quantile`).

use crate::array::{Array, check_axis};
use crate::block::Block;
use crate::blocks::{custom, typed, whole_along};
use crate::element::{Element, Real};
use crate::error::{Error, ErrorKind};
use crate::expr::{Custom, Expr, ExprRef};
use crate::grid::{CHUNK_BYTES, Dims, Grid, number};
use crate::lower::Lowering;
use ndarray::{Array1, ArrayD, ArrayViewD, Axis, Dimension, Ix1};
use std::cmp::Ordering;
use std::marker::PhantomData;
use std::sync::Arc;
use taskweave_runtime::Graph;

/// Elements by size, NaN last.
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

    /// The different elements, in rising order; NaN once, as the last. How many they are is not known before, so this is a graph.
    ///
    /// # Errors
    /// That of [`check`](Array::check).
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::from(vec![3, 1, 3, 2, 1]).rechunk(2);
    /// assert_eq!(x.unique()?.compute().unwrap().to_vec(), [1, 2, 3]);
    /// # Ok::<(), array::Error>(())
    /// ```
    pub fn unique(&self) -> Result<Graph<'static, Array1<A>>, Error> {
        let expr = self.state.as_ref().map_err(Clone::clone)?;
        let roots = std::slice::from_ref(expr);
        Ok(Graph::build(|builder| {
            let blocks = Lowering::new(roots).add_to(builder, roots).swap_remove(0);
            let mut parts: Vec<_> = blocks
                .into_iter()
                .map(|block| {
                    block
                        .map(|block| different(block.view::<A>().iter().copied().collect()))
                        .named("unique")
                })
                .collect();
            while parts.len() > 1 {
                let mut level = Vec::with_capacity(parts.len() / 2 + 1);
                let mut rest = parts.into_iter();
                while let Some(a) = rest.next() {
                    level.push(match rest.next() {
                        None => a,
                        Some(b) => {
                            let both = builder.gather((a, b));
                            both.map(|(a, b): (Vec<A>, Vec<A>)| different([a, b].concat()))
                                .named("unique")
                        }
                    });
                }
                parts = level;
            }
            parts.swap_remove(0).map(Array1::from)
        }))
    }

    /// How many elements lie in each of `bins` stretches of equal length from `low` to `high`; the last one has its end in it, as in NumPy. Elements outside, and NaN, are not counted.
    ///
    /// # Errors
    /// Carried by the array: at least one bin, finite ends, `low` less than `high`.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::from(vec![0.0, 0.1, 0.9, 1.0, 7.0]).rechunk(2);
    /// assert_eq!(x.histogram(2, 0.0, 1.0).compute()?.to_vec(), [2, 2]);
    /// # Ok::<(), array::Error>(())
    /// ```
    #[track_caller]
    pub fn histogram(&self, bins: usize, low: f64, high: f64) -> Array<u64, Ix1> {
        let is_right = bins > 0
            && low.is_finite()
            && high.is_finite()
            && low < high
            && (high - low).is_finite();
        let edge = move |bin: usize| {
            if bin == bins { high } else { low + (high - low) * (bin as f64 / bins as f64) }
        };
        self.counts(bins, move |value: A, _: &mut Option<String>| {
            let value = value.to_f64();
            if !(low <= value && value <= high) {
                return None;
            }
            // The quotient may be one off by rounding: the edges decide.
            let mut bin = (((value - low) / (high - low) * bins as f64) as usize).min(bins - 1);
            while bin > 0 && value < edge(bin) {
                bin -= 1;
            }
            while bin + 1 < bins && value >= edge(bin + 1) {
                bin += 1;
            }
            Some(bin)
        }, move || {
            let message = format!("a histogram of {bins} bins from {low} to {high}: give at least one bin, and finite ends in rising order");
            if is_right { Ok(()) } else { Err(Error::new(ErrorKind::Value, message)) }
        })
    }

    /// How many elements are 0, 1, …, `bins - 1`; NumPy's `bincount`, with the number of bins said before, because the shape follows from it.
    ///
    /// # Errors
    /// Of the task: an element that is no whole number from 0 to `bins - 1`.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::from(vec![1_u8, 3, 1, 0]);
    /// assert_eq!(x.bincount(4).compute()?.to_vec(), [1, 2, 0, 1]);
    /// # Ok::<(), array::Error>(())
    /// ```
    #[track_caller]
    pub fn bincount(&self, bins: usize) -> Array<u64, Ix1> {
        self.counts(
            bins,
            move |value: A, fault: &mut Option<String>| {
                let number = value.to_f64();
                let is_bin = number >= 0.0 && number < bins as f64 && number.fract() == 0.0;
                if !is_bin {
                    *fault = Some(format!(
                        "bincount: {value} is no whole number from 0 to {}",
                        bins.saturating_sub(1)
                    ));
                }
                is_bin.then_some(number as usize)
            },
            || Ok(()),
        )
    }

    /// How many elements fall into each bin.
    #[track_caller]
    fn counts(
        &self,
        bins: usize,
        bin_of: impl Fn(A, &mut Option<String>) -> Option<usize> + Send + Sync + 'static,
        check: impl FnOnce() -> Result<(), Error>,
    ) -> Array<u64, Ix1> {
        let each: Array<u64, ndarray::Ix2> = self.step(|expr| {
            check()?;
            let chunks = expr.grid.count();
            let shape = Dims::from_slice(&[chunks, bins]);
            let rows: Arc<[usize]> = (0..=chunks).collect();
            let grid = Grid::from_bounds([rows, [0, bins].into()]);
            let make = Arc::new(Counts { bins, bin_of, element: PhantomData });
            custom::<u64>("counts", make, vec![expr.clone()], shape, grid)
        });
        each.sum_axis(Axis(0))
    }
}

/// How many elements of each chunk fall into each bin.
struct Counts<A, F> {
    bins: usize,
    bin_of: F,
    element: PhantomData<A>,
}

impl<A: Element, F: Fn(A, &mut Option<String>) -> Option<usize> + Send + Sync> Custom
    for Counts<A, F>
{
    fn needs(&self, _: &Expr, at: &[usize], need: &mut dyn FnMut(usize, usize)) {
        // The chunks in C order are the rows.
        need(0, at[0]);
    }

    fn make(&self, expr: &Expr, _: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        let mut counts = vec![0_u64; self.bins];
        let mut fault = None;
        for &value in &blocks[0].view::<A>() {
            if let Some(bin) = (self.bin_of)(value, &mut fault) {
                counts[bin] += 1;
            }
            if let Some(fault) = fault {
                return Err(Error::new(ErrorKind::Value, fault).at(expr.location));
            }
        }
        Ok(Block::from_buffer(counts, Dims::from_slice(&[1, self.bins])))
    }
}

/// The different ones of some elements, in rising order.
fn different<A: Real>(mut values: Vec<A>) -> Vec<A> {
    values.sort_unstable_by(by_size);
    values.dedup_by(|a, b| a == b || a.is_nan_() && b.is_nan_());
    values
}
