//! How many elements lie where: histograms, of one array or two, and counts of whole numbers.
//!
//! In: arrays of numbers, and [`Bins`]. Out: for each chunk a row of counts, or of sums of weights, and a reduction that adds them.
//!
//! Not here: the bins (`bins`), the different elements themselves (`found`), and which stretch each element is in (`sorting`).

use crate::array::Array;
use crate::bins::{Bins, Lookup};
use crate::block::Block;
use crate::blocks::custom;
use crate::either::AnyArray;
use crate::element::{Element, Number, Real};
use crate::error::{Error, ErrorKind};
use crate::expr::{Custom, Expr, ExprRef};
use crate::grid::{Dims, Grid, check_number, check_size, position};
use crate::pages;
use crate::places::in_order;
use crate::rearrange::regridded;
use ndarray::{Axis, Dimension, Ix1, Ix2};
use std::sync::Arc;

/// What the elements of each chunk add up to in each bin.
struct Tally<S, F> {
    bins: usize,
    nothing: S,
    add: F,
}

/// An element that is in no bin: its number in its block, and what it is.
struct NoBin(usize, String);

impl<S: Element, F: Fn(&[Block], &mut [S]) -> Result<(), NoBin> + Send + Sync> Custom
    for Tally<S, F>
{
    fn needs(&self, expr: &Expr, at: &[usize], need: &mut dyn FnMut(usize, usize)) {
        // The chunks in C order are the rows; all inputs are cut alike.
        (0..expr.inputs().count()).for_each(|input| need(input, at[0]));
    }

    fn make(&self, expr: &Expr, chunk: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        let sums = pages::filled(self.bins, self.nothing);
        let mut sums = sums.ok_or_else(|| {
            let error = Error::no_memory_for_bins(self.bins, size_of::<S>());
            error.of_call(expr.name, expr.location)
        })?;
        match (self.add)(&blocks, &mut sums) {
            Ok(()) => Ok(Block::from_buffer(sums, Dims::from_slice(&[1, self.bins]))),
            Err(NoBin(number, value)) => {
                let grid = &expr.inputs().next().expect("made with an input").grid;
                let origin = grid.origin(&position(chunk[0], &grid.counts()));
                let at = position(number, &blocks[0].shape);
                let at: Dims = at.iter().zip(&origin).map(|(at, origin)| at + origin).collect();
                let what = match self.bins.checked_sub(1) {
                    None => "has no bin, for there is none: ask for one at least".to_owned(),
                    Some(last) => format!(
                        "is no whole number from 0 to {last}: ask for more bins, or take out what has none"
                    ),
                };
                let message = format!("{value} at index {:?} {what}", &at[..]);
                Err(Error::new(ErrorKind::Value, message).of_call(expr.name, expr.location))
            }
        }
    }
}

/// The sums of all chunks, one row for each.
fn tally<S: Number>(
    name: &'static str,
    inputs: Vec<ExprRef>,
    bins: usize,
    add: impl Fn(&[Block], &mut [S]) -> Result<(), NoBin> + Send + Sync + 'static,
) -> Result<Expr, Error> {
    let chunks = inputs[0].grid.count();
    let shape = Dims::from_slice(&[chunks, bins]);
    check_size(&shape, size_of::<S>())?;
    let grid = Grid::from_bounds([(0..=chunks).collect(), [0, bins].into()]);
    let make = Arc::new(Tally { bins, nothing: S::ZERO, add });
    custom::<S>(name, make, inputs, shape, grid)
}

/// What has to be as one array beside another: of its shape, in its chunks.
fn beside<A, D>(what: &str, of: &ExprRef, other: &Array<A, D>) -> Result<ExprRef, Error> {
    let other = other.state.as_ref().map_err(Clone::clone)?;
    if other.shape != of.shape {
        let message = format!(
            "{what} of shape {:?} for an array of shape {:?}: give one element for each of its own",
            &other.shape[..],
            &of.shape[..]
        );
        return Err(Error::new(ErrorKind::Shape, message));
    }
    Ok(Arc::new(regridded(other, of.grid.clone())))
}

/// The number of the bin that an element says itself.
fn said<A: Real>((at, value): (usize, &A), bins: usize) -> Result<usize, NoBin> {
    let number = value.to_f64();
    // Of what is no whole number, or beyond all, the number that comes back is another one; a negative one is greater than all as `usize`.
    let whole = number as i64;
    if whole as f64 == number && (whole as usize) < bins {
        return Ok(whole as usize);
    }
    Err(NoBin(at, format!("{value:?}")))
}

impl<A: Element, D: Dimension> Array<A, D> {
    /// How many elements lie in each of `bins` stretches of equal length from `low` to `high`; the last one has its end in it, as in NumPy. Elements outside, and NaN, are not counted. Of f32 the edges are f32, too.
    ///
    /// # Errors
    /// Carried by the array: at least one bin, finite ends, `low` less than `high`, and no more bins than there are numbers to part them.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::from(vec![0.0, 0.1, 0.9, 1.0, 7.0]).rechunk(2);
    /// assert_eq!(x.histogram(2, 0.0, 1.0).compute()?.to_vec(), [2, 2]);
    /// # Ok::<(), array::Error>(())
    /// ```
    #[track_caller]
    pub fn histogram(&self, bins: usize, low: f64, high: f64) -> Array<u64, Ix1>
    where
        A: Real,
    {
        self.histogram_in((bins, low, high)).called("histogram")
    }

    /// How many elements lie in each of the [`Bins`], also those of unequal lengths. Elements outside, and NaN, are not counted.
    ///
    /// # Errors
    /// Carried by the array: at least one bin, and edges that do not fall.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::from(vec![1.0, 2.0, 30.0, 100.0, -1.0]);
    /// assert_eq!(x.histogram_in(&[1.0, 10.0, 100.0]).compute()?.to_vec(), [2, 2]);
    /// # Ok::<(), array::Error>(())
    /// ```
    #[track_caller]
    pub fn histogram_in(&self, bins: impl Into<Bins>) -> Array<u64, Ix1>
    where
        A: Real,
    {
        let bins = bins.into();
        let each: Array<u64, Ix2> = self.step(|expr| {
            bins.check()?;
            let (count, bins) = (bins.count(), Lookup::of::<A>(bins));
            tally(
                "histogram",
                vec![expr.clone()],
                count,
                move |blocks: &[Block], counts: &mut [u64]| {
                    let bins: &Lookup = &bins;
                    for value in &*in_order::<A>(&blocks[0]) {
                        if let Some(bin) = bins.find(value.to_f64()) {
                            counts[bin] += 1;
                        }
                    }
                    Ok(())
                },
            )
        });
        each.sum_axis(Axis(0)).called("histogram_in")
    }

    /// What the weights of the elements in each of the [`Bins`] add up to: `weights` has one for each element. NumPy's `histogram` with `weights`.
    ///
    /// # Errors
    /// Carried by the array: as many weights, of the same shape; bins as for [`histogram_in`](Array::histogram_in).
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use array::Array;
    /// let (x, w) = (Array::from(vec![0.1, 0.2, 0.9]), Array::from(vec![1.0, 0.5, 4.0]));
    /// assert_eq!(x.histogram_weighted(&w, (2, 0.0, 1.0)).compute()?.to_vec(), [1.5, 4.0]);
    /// # Ok::<(), array::Error>(())
    /// ```
    #[track_caller]
    pub fn histogram_weighted(
        &self,
        weights: impl AnyArray<f64, Dim = D>,
        bins: impl Into<Bins>,
    ) -> Array<f64, Ix1>
    where
        A: Real,
    {
        let (weights, bins) = (weights.lazy(), bins.into());
        let each: Array<f64, Ix2> = self.step(|expr| {
            let inputs = vec![expr.clone(), beside("weights", expr, &weights)?];
            bins.check()?;
            let (count, bins) = (bins.count(), Lookup::of::<A>(bins));
            tally("histogram", inputs, count, move |blocks: &[Block], sums: &mut [f64]| {
                let bins: &Lookup = &bins;
                let (values, weights) = (in_order::<A>(&blocks[0]), in_order::<f64>(&blocks[1]));
                for (value, weight) in values.iter().zip(&*weights) {
                    if let Some(bin) = bins.find(value.to_f64()) {
                        sums[bin] += weight;
                    }
                }
                Ok(())
            })
        });
        each.sum_axis(Axis(0)).called("histogram_weighted")
    }

    /// The density of the elements in each of the [`Bins`]: its share of those that are counted, divided by its length, so that it is 1 in sum over all lengths. NaN, if nothing is counted.
    /// NumPy's `histogram` with `density=True`. Of f32 the edges of even bins are f32, and so are their lengths; the densities are f64.
    ///
    /// # Errors
    /// Carried by the array: as for [`histogram_in`](Array::histogram_in).
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::from(vec![0.5, 1.0, 2.0, 3.0]);
    /// assert_eq!(x.histogram_density(&[0.0, 1.0, 5.0]).compute()?.to_vec(), [0.25, 0.1875]);
    /// # Ok::<(), array::Error>(())
    /// ```
    #[doc(alias = "density")]
    #[track_caller]
    pub fn histogram_density(&self, bins: impl Into<Bins>) -> Array<f64, Ix1>
    where
        A: Real,
    {
        let bins = bins.into();
        let counts = self.histogram_in(&bins);
        let lengths = match counts.state.is_ok().then(|| bins.lengths::<A>()).transpose() {
            Ok(lengths) => lengths.unwrap_or_default(),
            Err(error) => return counts.step(|_| Err(error)),
        };
        let density = counts.cast::<f64>() / Array::from(lengths) / counts.sum().cast::<f64>();
        density.called("histogram_density")
    }

    /// How many pairs of elements, one of this array and one at its place in `other`, lie in each rectangle: one of `bins` for the first, one of `other_bins` for the second. NumPy's
    /// `histogram2d`.
    ///
    /// # Errors
    /// Carried by the array: arrays of one shape; bins as for [`histogram_in`](Array::histogram_in).
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use array::Array;
    /// let (x, y) = (Array::from(vec![0.1, 0.9, 0.8]), Array::from(vec![5.0, 1.0, 1.0]));
    /// let counts = x.histogram2d(&y, (2, 0.0, 1.0), &[0.0, 2.0, 4.0, 6.0]);
    /// assert_eq!(counts.compute()?, ndarray::arr2(&[[0, 0, 1], [2, 0, 0]]));
    /// # Ok::<(), array::Error>(())
    /// ```
    #[track_caller]
    pub fn histogram2d<B: Real>(
        &self,
        other: impl AnyArray<B, Dim = D>,
        bins: impl Into<Bins>,
        other_bins: impl Into<Bins>,
    ) -> Array<u64, Ix2>
    where
        A: Real,
    {
        let (other, rows, columns) = (other.lazy(), bins.into(), other_bins.into());
        let shape = [rows.count(), columns.count()];
        let each: Array<u64, Ix2> = self.step(|expr| {
            let inputs = vec![expr.clone(), beside("the other array", expr, &other)?];
            rows.check()?;
            columns.check()?;
            check_size(&shape, size_of::<u64>())?;
            let (rows, columns) = (Lookup::lazy(rows), Lookup::lazy(columns));
            tally(
                "histogram2d",
                inputs,
                shape[0] * shape[1],
                move |blocks: &[Block], counts: &mut [u64]| {
                    let (rows, columns): (&Lookup, &Lookup) = (&rows, &columns);
                    let (first, second) = (in_order::<A>(&blocks[0]), in_order::<B>(&blocks[1]));
                    for (a, b) in first.iter().zip(&*second) {
                        if let (Some(row), Some(column)) =
                            (rows.find(a.to_f64()), columns.find(b.to_f64()))
                        {
                            counts[row * shape[1] + column] += 1;
                        }
                    }
                    Ok(())
                },
            )
        });
        each.sum_axis(Axis(0)).reshape(shape).called("histogram2d")
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
    pub fn bincount(&self, bins: usize) -> Array<u64, Ix1>
    where
        A: Real,
    {
        let each: Array<u64, Ix2> = self.step(|expr| {
            check_number("number of bins", bins)?;
            tally(
                "bincount",
                vec![expr.clone()],
                bins,
                move |blocks: &[Block], counts: &mut [u64]| {
                    for value in in_order::<A>(&blocks[0]).iter().enumerate() {
                        counts[said(value, bins)?] += 1;
                    }
                    Ok(())
                },
            )
        });
        each.sum_axis(Axis(0)).called("bincount")
    }

    /// What the weights of the elements that are 0, 1, …, `bins - 1` add up to; NumPy's `bincount` with `weights`.
    ///
    /// # Errors
    /// Carried by the array: as many weights, of the same shape. Of the task: an element that is no whole number from 0 to `bins - 1`.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use array::Array;
    /// let (x, w) = (Array::from(vec![1_u8, 0, 1]), Array::from(vec![0.25, 1.0, 0.5]));
    /// assert_eq!(x.bincount_weighted(&w, 3).compute()?.to_vec(), [1.0, 0.75, 0.0]);
    /// # Ok::<(), array::Error>(())
    /// ```
    #[track_caller]
    pub fn bincount_weighted(
        &self,
        weights: impl AnyArray<f64, Dim = D>,
        bins: usize,
    ) -> Array<f64, Ix1>
    where
        A: Real,
    {
        let weights = weights.lazy();
        let each: Array<f64, Ix2> = self.step(|expr| {
            check_number("number of bins", bins)?;
            let inputs = vec![expr.clone(), beside("weights", expr, &weights)?];
            tally("bincount_weighted", inputs, bins, move |blocks: &[Block], sums: &mut [f64]| {
                let (values, weights) = (in_order::<A>(&blocks[0]), in_order::<f64>(&blocks[1]));
                for (value, weight) in values.iter().enumerate().zip(&*weights) {
                    sums[said(value, bins)?] += weight;
                }
                Ok(())
            })
        });
        each.sum_axis(Axis(0)).called("bincount_weighted")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_bins_more_are_asked_for() {
        let error = Array::from(vec![0]).bincount(0).compute().unwrap_err().to_string();
        assert!(error.contains("0 at index [0] has no bin, for there is none"), "{error}");
    }
}
