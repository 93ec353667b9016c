//! Quantiles.
//!
//! In: arrays of numbers with an order. Out: along an axis, a function of rows in chunks that are whole along it. Of all elements, expressions that find the two elements between which the quantile
//! lies digit by digit, without having the elements in one place: elements are numbers in the same order ([`Real::to_key`]), of which each pass over the array counts how often each value of the next
//! digit occurs, among those that begin with the digits that are known.
//!
//! ```text
//! keys  2 1 7 | 2 1 3 | 2 9 0 | 5 0 0      which is the third?
//! first digits      2 three times, 5 once                        it begins with 2, and is the third of those
//! then, of 2 . .    1 twice, 9 once                              with 2 9, the first of those; and so on
//! ```
//! Quantiles interpolate linearly between the two elements next to them, as NumPy's default does (type 7 of Hyndman and Fan, *Sample quantiles in statistical packages*, 1996).

use crate::array::{Array, check_axis};
use crate::block::Block;
use crate::blocks::custom;
use crate::element::{Element, Float, Number, Real};
use crate::error::{Error, ErrorKind};
use crate::expr::{Custom, Effort, Expr, ExprRef};
use crate::grid::{Dims, Grid};
use crate::map::Map;
use crate::pool::buffer;
use crate::recut::once_more;
use crate::sizes::CHUNK_BYTES;
use crate::views::view;
use ndarray::{ArrayView1, Axis, Dimension, Ix0, Ix1, Ix2, RemoveAxis};
use smallvec::smallvec;
use std::marker::PhantomData;
use std::sync::Arc;

/// A digit has at most so many bits: its counts stay in the L2 cache, and 64 bits are five digits.
const DIGIT_BITS_MAX: u32 = 13;
/// A digit has at least so many bits.
const DIGIT_BITS_MIN: u32 = 6;

/// Which two of `count` elements, by size, are next to the quantile, and where between them it is.
fn place_of(q: f64, count: usize) -> (usize, f64) {
    let place = q * (count - 1) as f64;
    (place.floor() as usize, place - place.floor())
}

/// What lies such a part of the way from one element to the next one.
fn between<A: Real>(low: A, next: A, part: f64) -> A::Mean {
    let (from, to) = (low.to_mean(), next.to_mean());
    if part <= 0.0 || next == low {
        return from;
    }
    let way = to.sub_(from);
    let share = |of: A::Mean, part: f64| A::scaled(of, A::Variance::from_f64(part));
    match way.sub_(way) == A::Mean::ZERO {
        true => from.add_(share(way, part)),
        // From or to infinity, or over more than the largest number.
        false => share(from, 1.0 - part).add_(share(to, part)),
    }
}

/// The quantile of some elements, which it changes the order of.
fn quantile_of<A: Real>(values: &mut [A], q: f64) -> A::Mean {
    let (lower, part) = place_of(q, values.len());
    let (_, low, above) = values.select_nth_unstable_by(lower, A::order_);
    let low = *low;
    // NaN is the largest of all, so it is found where the largest is.
    let next = above.iter().copied().min_by(A::order_).unwrap_or(low);
    match low.is_nan_() || above.iter().any(|value| value.is_nan_()) {
        true => nan_of(values).to_mean(),
        false => between(low, next, part),
    }
}

fn nan_of<A: Element>(values: &[A]) -> A {
    values.iter().copied().find(|value| value.is_nan_()).unwrap_or_default()
}

fn check_quantile(q: f64, expr: &ExprRef, axis: usize) -> Result<(), Error> {
    if !(0.0..=1.0).contains(&q) {
        let message =
            format!("{q:?} is not a number from 0 to 1: NumPy's percentile 90 is 0.9 here");
        return Err(Error::new(ErrorKind::Value, message));
    }
    check_axis(axis, &expr.shape)?;
    if expr.shape[axis] == 0 {
        let message = format!(
            "a zero-size array has no such value: axis {axis} of shape {:?} has length 0; look at `is_empty` first",
            &expr.shape[..]
        );
        return Err(Error::new(ErrorKind::Shape, message));
    }
    Ok(())
}

impl<A: Element, D: Dimension + 'static> Array<A, D> {
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
    #[doc(alias = "percentile")]
    #[track_caller]
    pub fn quantile_axis(&self, axis: Axis, q: f64) -> Array<A::Mean, D::Smaller>
    where
        A: Real,
        D: RemoveAxis,
        D::Smaller: 'static,
    {
        self.quantile_by("quantile_axis", axis, q, move |row| quantile_of(&mut row.to_vec(), q))
    }

    /// `f` of each row along an axis, if there is a quantile `q` of such rows.
    #[track_caller]
    fn quantile_by(
        &self,
        name: &'static str,
        axis: Axis,
        q: f64,
        f: impl Fn(ArrayView1<'_, A>) -> A::Mean + Send + Sync + 'static,
    ) -> Array<A::Mean, D::Smaller>
    where
        A: Real,
        D: RemoveAxis,
        D::Smaller: 'static,
    {
        let checked = self.state.as_ref().map_or(Ok(()), |expr| check_quantile(q, expr, axis.0));
        match checked {
            Ok(()) => self.map_rows(name, axis, size_of::<A>(), f),
            Err(error) => self.step_of(name, |_| Err(error)),
        }
    }

    /// The median of each row along an axis: its quantile ½.
    #[track_caller]
    pub fn median_axis(&self, axis: Axis) -> Array<A::Mean, D::Smaller>
    where
        A: Real,
        D: RemoveAxis,
        D::Smaller: 'static,
    {
        self.quantile_axis(axis, 0.5).called("median_axis")
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
    #[doc(alias = "nanpercentile")]
    #[track_caller]
    pub fn nanquantile_axis(&self, axis: Axis, q: f64) -> Array<A::Mean, D::Smaller>
    where
        A: Real,
        D: RemoveAxis,
        D::Smaller: 'static,
    {
        self.quantile_by("nanquantile_axis", axis, q, move |row| {
            let mut known = Vec::with_capacity(row.len());
            known.extend(row.iter().copied().filter(|value| !value.is_nan_()));
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
        A: Real,
        D: RemoveAxis,
        D::Smaller: 'static,
    {
        self.nanquantile_axis(axis, 0.5).called("nanmedian_axis")
    }

    /// The quantile `q` of all elements that are not NaN; NaN, if all are.
    ///
    /// # Errors
    /// As [`quantile_axis`](Array::quantile_axis).
    ///
    /// # Cost
    /// As [`quantile`](Array::quantile), with one more pass, which counts them.
    #[doc(alias = "nanpercentile")]
    #[track_caller]
    pub fn nanquantile(&self, q: f64) -> Array<A::Mean, Ix0>
    where
        A: Real,
    {
        if self.is_small() || !(0.0..=1.0).contains(&q) {
            return self.flatten().nanquantile_axis(Axis(0), q).called("nanquantile");
        }
        let sought = Sought { q, len: self.len(), skips_nan: true };
        let again = self.step(|expr| {
            let read = once_more(expr).unwrap_or_else(|| expr.clone());
            view("quantile", &read, Map::identity(expr.shape.len()), expr.shape.clone())
        });
        let again: Array<A, D> = again;
        let nan = again.is_nan().count_nonzero();
        let start = nan.step(|expr| {
            let (inputs, shape) = (vec![expr.clone()], Dims::from_slice(&[KNOWN]));
            let grid = Grid::whole(&shape);
            custom::<u64>("quantile", Arc::new(sought), inputs, shape, grid)
        });
        self.by_digits(start, sought)
    }

    /// The median of all elements that are not NaN.
    #[track_caller]
    pub fn nanmedian(&self) -> Array<A::Mean, Ix0>
    where
        A: Real,
    {
        self.nanquantile(0.5).called("nanmedian")
    }

    /// Whether all elements together are no more than a chunk.
    fn is_small(&self) -> bool
    where
        A: Real,
    {
        self.len().saturating_mul(size_of::<A>()) <= CHUNK_BYTES
    }

    /// The quantile `q` of all elements.
    ///
    /// # Errors
    /// As [`quantile_axis`](Array::quantile_axis).
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Random::new(1).uniform::<f64, _>([1000, 1000]);
    /// let quantile = x.quantile(0.9);
    /// assert!((quantile.compute()?.into_scalar() - 0.9).abs() < 0.01);
    /// // 8 MB of numbers, of which only a few chunks are ever there.
    /// assert!(quantile.plan(1)?.peak_bytes() < 6 << 20);
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Cost
    /// Up to 4 MiB, all elements become one chunk. Else the array is read once for each digit, which are five of 64 bits and three of 32, more if chunks are small: from a file, from memory, or from its blocks, which are held meanwhile.
    /// What is made of sources alone, step by step, is made again each time, and nothing of it held.
    #[doc(alias = "percentile")]
    #[track_caller]
    pub fn quantile(&self, q: f64) -> Array<A::Mean, Ix0>
    where
        A: Real,
    {
        if self.is_small() || !(0.0..=1.0).contains(&q) {
            return self.flatten().quantile_axis(Axis(0), q).called("quantile");
        }
        let sought = Sought { q, len: self.len(), skips_nan: false };
        self.by_digits(Array::from(sought.start(0)), sought)
    }

    /// The quantile, from what is known of both elements before anything is.
    #[track_caller]
    fn by_digits(&self, start: Array<u64, Ix1>, sought: Sought) -> Array<A::Mean, Ix0>
    where
        A: Real,
    {
        let mut found = start;
        let largest = self.state.as_ref().map_or(0, |expr| expr.grid.largest());
        let mut known = 0;
        for bits in digits(u64::from(A::DTYPE.size as u32 * 8), largest) {
            found = self.next_digit(&found, known, bits);
            known += bits;
        }
        found.step(|expr| {
            let make = Arc::new(Between::<A> { sought, element: PhantomData });
            custom::<A::Mean>("quantile", make, vec![expr.clone()], Dims::new(), Grid::whole(&[]))
        })
    }

    /// The median of all elements.
    #[track_caller]
    pub fn median(&self) -> Array<A::Mean, Ix0>
    where
        A: Real,
    {
        self.quantile(0.5).called("median")
    }

    /// One more digit of both elements, of which `known` bits are in `found`.
    #[track_caller]
    fn next_digit(&self, found: &Array<u64, Ix1>, known: u32, bits: u32) -> Array<u64, Ix1>
    where
        A: Real,
    {
        let digit = Digit { known, bits, width: A::DTYPE.size as u32 * 8 };
        let counts: Array<u64, Ix2> = self.step(|expr| {
            let found = found.state.as_ref().map_err(Clone::clone)?;
            let read = once_more(expr).unwrap_or_else(|| expr.clone());
            let chunks = expr.grid.count();
            let rows: Arc<[usize]> = (0..=chunks).collect();
            let shape: Dims = smallvec![chunks, digit.slots()];
            let grid = Grid::from_bounds([rows, [0, digit.slots()].into()]);
            let make = Arc::new(Counted::<A> { digit, element: PhantomData });
            custom::<u64>("quantile", make, vec![read, found.clone()], shape, grid)
        });
        counts.sum_axis(Axis(0)).step(|expr| {
            let found = found.state.as_ref().map_err(Clone::clone)?;
            let (inputs, shape) = (vec![expr.clone(), found.clone()], found.shape.clone());
            custom::<u64>("quantile", Arc::new(digit), inputs, shape, Grid::whole(&found.shape))
        })
    }
}

/// Lengths of digits, in bits, which add up to `width`: short ones for small chunks, whose counts would take longer than the elements.
fn digits(width: u64, largest: usize) -> impl Iterator<Item = u32> {
    let bits = largest.max(1).ilog2().saturating_sub(2).clamp(DIGIT_BITS_MIN, DIGIT_BITS_MAX);
    let (mut left, mut count) = (width as u32, (width as u32).div_ceil(bits));
    std::iter::from_fn(move || {
        let now = left.div_ceil(count.max(1));
        (left, count) = (left - now, count.saturating_sub(1));
        (now > 0).then_some(now)
    })
}

/// Which bits of keys are counted.
#[derive(Clone, Copy)]
struct Digit {
    /// So many before it, from the highest on, are known.
    known: u32,
    /// So many it has.
    bits: u32,
    /// So many a key has.
    width: u32,
}

/// What is known of the two elements, as it stands in a block: the bits of the lower one, how many elements with these bits are less than it; the same of the upper one; how many elements are NaN.
const KNOWN: usize = 5;

impl Digit {
    fn values(self) -> usize {
        1 << self.bits
    }

    /// Counts for both elements, and of NaN.
    fn slots(self) -> usize {
        2 * self.values() + 1
    }

    /// Adds the elements to the counts.
    fn count<A: Real>(self, elements: impl Iterator<Item = A>, found: &[u64], counts: &mut [u64]) {
        let shift = self.width - self.known - self.bits;
        let (low, high) = (found[0], found[2]);
        let values = self.values();
        let (both, nan) = counts.split_at_mut(2 * values);
        let (of_low, of_high) = both.split_at_mut(values);
        let parts = |key: u64| {
            let above = key >> shift;
            (above >> self.bits, above as usize & (values - 1))
        };
        if self.known == 0 {
            for element in elements {
                nan[0] += u64::from(element.is_nan_());
                of_low[parts(element.to_key()).1] += 1;
            }
        } else if low == high {
            for (before, digit) in elements.map(|element| parts(element.to_key())) {
                if before == low {
                    of_low[digit] += 1;
                }
            }
        } else {
            for (before, digit) in elements.map(|element| parts(element.to_key())) {
                if before == low {
                    of_low[digit] += 1;
                } else if before == high {
                    of_high[digit] += 1;
                }
            }
        }
    }
}

/// How often each value of a digit occurs in each chunk.
struct Counted<A> {
    digit: Digit,
    element: PhantomData<fn() -> A>,
}

impl<A: Real> Custom for Counted<A> {
    fn needs(&self, _: &Expr, at: &[usize], need: &mut dyn FnMut(usize, usize)) {
        // What is known first: before that nothing of the array can be let go of.
        need(1, 0);
        // The chunks in C order are the rows.
        need(0, at[0]);
    }

    fn make(&self, _: &Expr, _: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        let (found, view) = (blocks[0].view::<u64>(), blocks[1].view::<A>());
        let found: Vec<u64> = found.iter().copied().collect();
        let mut counts = buffer(&[self.digit.slots()], 0_u64)?;
        counts.fill(0);
        match view.as_slice_memory_order() {
            Some(slice) => self.digit.count(slice.iter().copied(), &found, &mut counts),
            None => self.digit.count(view.iter().copied(), &found, &mut counts),
        }
        let shape = smallvec![1, counts.len()];
        Ok(Block::from_buffer(counts, shape))
    }
}

/// What is known after the counts of all chunks have been added up.
impl Custom for Digit {
    fn needs(&self, _: &Expr, _: &[usize], need: &mut dyn FnMut(usize, usize)) {
        need(0, 0);
        need(1, 0);
    }

    fn make(&self, _: &Expr, _: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        let of = |block: &Block| -> Vec<u64> { block.view::<u64>().iter().copied().collect() };
        let (counts, mut found) = (of(&blocks[0]), of(&blocks[1]));
        let (both, nan) = counts.split_at(2 * self.values());
        let (of_low, of_high) = both.split_at(self.values());
        let of_high = if found[0] == found[2] { of_low } else { of_high };
        for (at, counts) in [(0, of_low), (2, of_high)] {
            let mut rank = found[at + 1];
            let mut digit = 0;
            while digit + 1 < counts.len() && counts[digit] <= rank {
                rank -= counts[digit];
                digit += 1;
            }
            found[at] = found[at] << self.bits | digit as u64;
            found[at + 1] = rank;
        }
        found[4] += nan[0];
        Ok(Block::from_buffer(found, smallvec![KNOWN]))
    }

    fn effort(&self, _: &Expr, _: &[usize]) -> Effort {
        Effort { works: (self.slots() + KNOWN) * size_of::<u64>(), ..Effort::default() }
    }
}

/// Which quantile is looked for, of how many elements.
#[derive(Clone, Copy)]
struct Sought {
    q: f64,
    len: usize,
    skips_nan: bool,
}

impl Sought {
    /// How many elements count, if so many are NaN.
    fn count(self, nan: u64) -> usize {
        if self.skips_nan { self.len - nan as usize } else { self.len }
    }

    /// What is known of both elements before the first digit.
    fn start(self, nan: u64) -> Vec<u64> {
        let count = self.count(nan).max(1);
        let lower = place_of(self.q, count).0;
        vec![0, lower as u64, 0, (lower + 1).min(count - 1) as u64, 0]
    }
}

/// What is known before the first digit, of the number of those that are NaN.
impl Custom for Sought {
    fn needs(&self, _: &Expr, _: &[usize], need: &mut dyn FnMut(usize, usize)) {
        need(0, 0);
    }

    fn make(&self, _: &Expr, _: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        let nan: u64 = blocks[0].view::<u64>().iter().sum();
        Ok(Block::from_buffer(self.start(nan), smallvec![KNOWN]))
    }
}

/// The quantile, when both elements are known.
struct Between<A> {
    sought: Sought,
    element: PhantomData<fn() -> A>,
}

impl<A: Real> Custom for Between<A> {
    fn needs(&self, _: &Expr, _: &[usize], need: &mut dyn FnMut(usize, usize)) {
        need(0, 0);
    }

    fn make(&self, _: &Expr, _: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        let found: Vec<u64> = blocks[0].view::<u64>().iter().copied().collect();
        let (nan, count) = (found[4], self.sought.count(found[4]));
        let is_nan = nan > 0 && !self.sought.skips_nan || count == 0;
        let quantile = match is_nan {
            false => {
                let part = place_of(self.sought.q, count).1;
                between(A::of_key(found[0]), A::of_key(found[2]), part)
            }
            // The key of NaN is the greatest that there is.
            true => A::of_key(u64::MAX).to_mean(),
        };
        Ok(Block::from_buffer(vec![quantile], Dims::new()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<A: Real>(mut values: Vec<A>) {
        let back = |value: &A| A::of_key(value.to_key());
        assert!(values.iter().all(|value| back(value) == *value || value.is_nan_()));
        values.sort_unstable_by_key(|value| value.to_key());
        let in_order = |pair: &[A]| pair[0].order_(&pair[1]).is_le();
        assert!(values.windows(2).all(in_order), "{values:?}");
    }

    #[test]
    fn keys_are_in_the_order_of_the_elements() {
        check((i8::MIN..=i8::MAX).collect());
        check((u8::MIN..=u8::MAX).collect());
        check(vec![i16::MIN, -1, 0, 1, 300, i16::MAX]);
        check(vec![i64::MIN, -1, 0, 1, i64::MAX]);
        check(vec![0, 1, u64::MAX / 2, u64::MAX]);
        check(vec![0, 1, u32::MAX]);
        check(vec![
            f32::NEG_INFINITY,
            f32::MIN,
            -1.0,
            -1e-45,
            -0.0,
            0.0,
            1e-45,
            2.5,
            f32::MAX,
            f32::INFINITY,
        ]);
        check(vec![
            f64::NAN,
            f64::NEG_INFINITY,
            f64::MIN,
            -5e-324,
            -0.0,
            0.0,
            f64::MAX,
            f64::INFINITY,
        ]);
        assert_eq!((-0.0_f64).to_key(), 0.0_f64.to_key());
        assert!(f32::of_key((-f32::NAN).to_key()).is_nan() && f64::of_key(u64::MAX).is_nan());
    }

    #[test]
    fn digits_make_up_all_bits() {
        for (width, largest, want) in [
            (64, 1 << 20, vec![13, 13, 13, 13, 12]),
            (64, 10_000, vec![11, 11, 11, 11, 10, 10]),
            (32, 1 << 20, vec![11, 11, 10]),
            (16, 1 << 20, vec![8, 8]),
            (8, 1 << 20, vec![8]),
            (8, 1, vec![4, 4]),
        ] {
            assert_eq!(digits(width, largest).collect::<Vec<_>>(), want);
        }
    }
}
