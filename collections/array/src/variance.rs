//! Variances: means, and sums of squared differences from them.
//!
//! In: elements. Out: a [`Reduction`]. Of each piece of a row, in two passes over a tile that is in the cache, the second of which corrects the mean (Chan, Golub and LeVeque, *Algorithms for
//! computing the sample variance*, 1983); of rows that are added to a row of states the same of eight at once. Such moments are combined as the same three
//! do (*Updating formulae and a pairwise algorithm for computing sample variances*, 1979), in `f64`.
//!
//! Far from zero the means of two pieces differ by less than a number of their size can say. So a mean is two numbers: one near it, and what it is off from that by. The first ones are elements,
//! or near them, so their difference is exact or large, and the second ones are as small as the elements differ: no digit of the spread is lost where pieces are combined.
//!
//! Not here: quantiles (`quantile`).

use crate::ahead::Values;
use crate::element::{Cast, Float, Number, Real};
use crate::reduce::{Reduction, each_row};
use crate::reductions::{LANES, ROWS, fold};
use crate::simd::{Kernel, MulAdd, dispatch};
use num_complex::Complex;
use std::marker::PhantomData;

/// What a variance is made of: numbers with a square that is real.
#[diagnostic::on_unimplemented(
    message = "elements of `{Self}` have no variance",
    label = "`{Self}` is no number",
    note = "say `.cast::<f64>()` first"
)]
pub trait Spread: Number {
    /// What means are combined in.
    #[doc(hidden)]
    type Wide: Number + Cast<Self::Mean>;
    #[doc(hidden)]
    fn squared(difference: Self::Mean) -> Self::Variance;
    #[doc(hidden)]
    fn squared_wide(difference: Self::Wide) -> f64;
    #[doc(hidden)]
    fn scaled(mean: Self::Mean, by: Self::Variance) -> Self::Mean;
    #[doc(hidden)]
    fn scaled_wide(mean: Self::Wide, by: f64) -> Self::Wide;
}

macro_rules! spread {
    ($($A:ty)*) => {$(
        impl Spread for $A {
            type Wide = f64;
            #[inline(always)]
            fn squared(difference: Self::Mean) -> Self::Mean { difference * difference }
            #[inline(always)]
            fn squared_wide(difference: f64) -> f64 { difference * difference }
            #[inline(always)]
            fn scaled(mean: Self::Mean, by: Self::Mean) -> Self::Mean { mean * by }
            #[inline(always)]
            fn scaled_wide(mean: f64, by: f64) -> f64 { mean * by }
        }
    )*};
}
spread! { i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 }
macro_rules! spread_complex {
    ($($A:ty)*) => {$(
        impl Spread for Complex<$A> {
            type Wide = Complex<f64>;
            #[inline(always)]
            fn squared(difference: Self) -> $A { difference.norm_sqr() }
            #[inline(always)]
            fn squared_wide(difference: Complex<f64>) -> f64 { difference.norm_sqr() }
            #[inline(always)]
            fn scaled(mean: Self, by: $A) -> Self { mean * by }
            #[inline(always)]
            fn scaled_wide(mean: Complex<f64>, by: f64) -> Complex<f64> { mean * by }
        }
    )*};
}
spread_complex! { f32 f64 }

/// Mean and sum of squared differences from it, of some elements.
#[derive(Clone, Copy)]
pub(crate) struct Moments<W> {
    count: u64,
    /// A number near the mean.
    near: W,
    /// What the mean is off from that number by.
    off: W,
    squares: f64,
}

/// The moments of the same element so many times.
#[inline(always)]
fn same<A: Spread>(value: A, count: u64) -> Moments<A::Wide> {
    let near = A::Wide::cast(value.to_mean());
    // NaN and infinity have no difference of zero.
    Moments { count, near, off: A::Wide::ZERO, squares: A::squared_wide(near.sub_(near)) }
}

/// How moments of `later` elements go into those of `earlier` ones: the share of the mean, the factor of the squared difference, and the count of both.
#[inline(always)]
fn shares(earlier: u64, later: u64) -> (f64, f64, u64) {
    let share = later as f64 / (earlier + later) as f64;
    (share, earlier as f64 * share, earlier + later)
}

/// The moments of both, whose numbers are known.
#[inline(always)]
fn joined<A: Spread>(
    a: Moments<A::Wide>,
    b: Moments<A::Wide>,
    (share, cross, count): (f64, f64, u64),
) -> Moments<A::Wide> {
    let difference = b.near.sub_(a.near).add_(b.off.sub_(a.off));
    let between = A::squared_wide(difference) * cross;
    Moments {
        count,
        near: a.near,
        off: a.off.add_(A::scaled_wide(difference, share)),
        // What is no number makes squares that are none; of numbers the difference is beyond all of them.
        squares: a.squares + b.squares + if between.is_nan() { f64::INFINITY } else { between },
    }
}

/// The moments of some elements, where in the type of their means they are beyond all numbers: in the wide one, and infinite if they are there too. NaN of what is no finite number.
#[cold]
#[inline(never)]
fn beyond<A: Spread>(values: impl Iterator<Item = A> + Clone) -> Moments<A::Wide> {
    let mut all = values.clone().map(|value| A::Wide::cast(value.to_mean()));
    let near = all.next().unwrap_or(A::Wide::ZERO);
    let differences = || values.clone().map(|value| A::Wide::cast(value.to_mean()).sub_(near));
    let count = values.clone().count() as u64;
    let part = 1.0 / count.max(1) as f64;
    let off = differences().fold(A::Wide::ZERO, |sum, d| sum.add_(A::scaled_wide(d, part)));
    let squares: f64 = differences().map(|d| A::squared_wide(d.sub_(off))).sum();
    let is_finite = |value: A| same(value, 1).squares == 0.0;
    let squares = match squares.is_nan() && values.clone().all(is_finite) {
        true => f64::INFINITY,
        false => squares,
    };
    Moments { count, near, off, squares }
}

/// As [`joined`], of rows of which some are [`beyond`] the numbers of their type.
#[cold]
#[inline(never)]
fn join_beyond<A: Spread, const N: usize>(
    states: &mut [Moments<A::Wide>; N],
    rows: &[&[A; N]],
    shares: (f64, f64, u64),
) {
    for (at, state) in states.iter_mut().enumerate() {
        // What is no number stays none.
        if !state.squares.is_nan() {
            let some = beyond(rows.iter().map(|row| row[at]));
            *state = if state.count == 0 { some } else { joined::<A>(*state, some, shares) };
        } else {
            state.count = shares.2;
        }
    }
}

/// The sum of differences from a number near the mean, and that of their squares.
struct Differences<'a, A: Spread>(&'a [A], A::Mean);
impl<A: Spread> Kernel for Differences<'_, A> {
    type Output = (A::Mean, A::Variance);
    #[inline(always)]
    fn run<M: MulAdd>(self) -> Self::Output {
        let Differences(values, mean) = self;
        let (mut sums, mut squares) = ([A::Mean::ZERO; LANES], [A::Variance::ZERO; LANES]);
        let mut add = |row: &[A]| {
            for ((sum, squares), value) in sums.iter_mut().zip(&mut squares).zip(row) {
                let difference = value.to_mean().sub_(mean);
                *sum = sum.add_(difference);
                *squares = squares.add_(A::squared(difference));
            }
        };
        let (rows, rest) = values.as_chunks::<LANES>();
        rows.iter().for_each(|row| add(row));
        add(rest);
        let mut width = LANES;
        while width > 1 {
            width /= 2;
            for at in 0..width {
                sums[at] = sums[at].add_(sums[at + width]);
                squares[at] = squares[at].add_(squares[at + width]);
            }
        }
        (sums[0], squares[0])
    }
}

/// The first so many of some rows, or `ALL` of them, which are added to a row of states; these all have so many elements.
struct SomeRows<'a, A: Spread, const ALL: bool>(
    &'a mut [Moments<A::Wide>],
    [&'a [A]; ROWS],
    usize,
    u64,
);
/// So many columns at once: their rows are vectors.
const COLUMNS: usize = 16;

impl<A: Spread, const ALL: bool> SomeRows<'_, A, ALL> {
    /// The moments of some rows of `N` columns: sums of differences from the first row, which are exact or large, then from the means.
    #[inline(always)]
    fn of<const N: usize>(rows: &[&[A; N]]) -> ([A::Mean; N], [A::Mean; N], [A::Variance; N]) {
        let part = A::Variance::from_f64(1.0 / rows.len() as f64);
        let first = rows[0].map(A::to_mean);
        let (mut means, mut squares) = ([A::Mean::ZERO; N], [A::Variance::ZERO; N]);
        for row in &rows[1..] {
            for at in 0..N {
                means[at] = means[at].add_(row[at].to_mean().sub_(first[at]));
            }
        }
        for mean in &mut means {
            *mean = A::scaled(*mean, part);
        }
        for row in rows {
            for at in 0..N {
                let difference = row[at].to_mean().sub_(first[at]).sub_(means[at]);
                squares[at] = squares[at].add_(A::squared(difference));
            }
        }
        (first, means, squares)
    }

    #[inline(always)]
    fn join<const N: usize>(
        states: &mut [Moments<A::Wide>; N],
        rows: &[&[A; N]],
        earlier: u64,
        shares: (f64, f64, u64),
    ) {
        let (first, means, squares) = Self::of(rows);
        // Their sum, as vectors add: one branch for all of them.
        let (mut sums, mut width) = (squares, N);
        while width > 1 {
            width /= 2;
            for at in 0..width {
                sums[at] = sums[at].add_(sums[at + width]);
            }
        }
        if !sums[0].to_f64().is_finite() {
            return join_beyond::<A, N>(states, rows, shares);
        }
        for at in 0..N {
            let some = Moments {
                count: rows.len() as u64,
                near: A::Wide::cast(first[at]),
                off: A::Wide::cast(means[at]),
                squares: squares[at].to_f64(),
            };
            states[at] = if earlier == 0 { some } else { joined::<A>(states[at], some, shares) };
        }
    }

    /// Adds `count` rows: of a number that the compiler knows it makes no loop. No closure here makes an array of states: that would be a call, of a function for the baseline.
    #[inline(always)]
    fn add(self, count: usize) {
        let SomeRows(states, rows, _, earlier) = self;
        let shares = shares(earlier, count as u64);
        let len = states.len();
        let (wide, rest) = states.as_chunks_mut::<COLUMNS>();
        for (at, states) in wide.iter_mut().enumerate() {
            let rows = rows.map(|row| &row.as_chunks::<COLUMNS>().0[at]);
            Self::join(states, &rows[..count], earlier, shares);
        }
        for (at, state) in (len - rest.len()..len).zip(rest) {
            let rows = rows.map(|row| std::array::from_ref(&row[at]));
            Self::join(std::array::from_mut(state), &rows[..count], earlier, shares);
        }
    }
}

impl<A: Spread, const ALL: bool> Kernel for SomeRows<'_, A, ALL> {
    type Output = ();
    #[inline(always)]
    fn run<M: MulAdd>(self) {
        let count = if ALL { ROWS } else { self.2 };
        self.add(count);
    }
}

/// Rows of so few elements have their moments computed one after the other, without a call for each.
const SHORT: usize = 16;

/// Rows that lie one after the other, each of which goes into a state; all of these have so many elements.
struct ShortRows<'a, A: Spread>(&'a mut [Moments<A::Wide>], &'a [A], u64);
impl<A: Spread> Kernel for ShortRows<'_, A> {
    type Output = ();
    #[inline(always)]
    fn run<M: MulAdd>(self) {
        let ShortRows(states, values, earlier) = self;
        let len = values.len() / states.len().max(1);
        let (shares, part) = (shares(earlier, len as u64), 1.0 / len as f64);
        for (state, row) in states.iter_mut().zip(values.chunks_exact(len.max(1))) {
            let first = A::Wide::cast(row[0].to_mean());
            let difference = |value: &A| A::Wide::cast(value.to_mean()).sub_(first);
            let sum = row.iter().map(difference).fold(A::Wide::ZERO, A::Wide::add_);
            let off = A::scaled_wide(sum, part);
            let square = |value| A::squared_wide(difference(value).sub_(off));
            let squares = row.iter().map(square).fold(0.0, |all, square| all + square);
            let mut some = Moments { count: len as u64, near: first, off, squares };
            if !squares.is_finite() {
                some = beyond(row.iter().copied());
            }
            *state = if earlier == 0 { some } else { joined::<A>(*state, some, shares) };
        }
    }
}

/// Rows of states, which all have so many elements.
struct BothRows<'a, A: Spread>(&'a mut [Moments<A::Wide>], &'a [Moments<A::Wide>], (f64, f64, u64));
impl<A: Spread> Kernel for BothRows<'_, A> {
    type Output = ();
    #[inline(always)]
    fn run<M: MulAdd>(self) {
        for (a, b) in self.0.iter_mut().zip(self.1) {
            *a = joined::<A>(*a, *b, self.2);
        }
    }
}

/// Whether nothing is left out of the rows, nor of what the states have seen.
fn is_even<A: Spread>(states: &[Moments<A::Wide>], rows: &[&[A]; ROWS]) -> bool {
    let count = states.first().map_or(0, |state| state.count);
    // Without an end before the last one these are vectors.
    let is_even = states.iter().fold(true, |all, state| all & (state.count == count));
    let any_nan = |row: &&[A]| row.iter().fold(false, |any, value| any | value.is_nan_());
    is_even && !rows.iter().any(any_nan)
}

/// Variances, and standard deviations.
pub(crate) struct Variance<A> {
    /// Taken from the count of elements in the divisor.
    pub(crate) ddof: f64,
    pub(crate) is_root: bool,
    /// Whether NaN is left out.
    pub(crate) skips_nan: bool,
    pub(crate) element: PhantomData<A>,
}

impl<A: Spread> Reduction for Variance<A> {
    type In = A;
    type State = Moments<A::Wide>;
    type Out = A::Variance;
    fn nothing(&self) -> Self::State {
        Moments { count: 0, near: A::Wide::ZERO, off: A::Wide::ZERO, squares: 0.0 }
    }
    fn run(&self, values: Values<'_, A>, _: u64) -> Self::State {
        if self.skips_nan && values.iter().any(|value| value.is_nan_()) {
            let some: Vec<A> = values.iter().copied().filter(|value| !value.is_nan_()).collect();
            return self.run(some[..].into(), 0);
        }
        let count = values.len() as u64;
        let sum =
            fold(values, A::Mean::ZERO, |sum, value| sum.add_(value.to_mean()), A::Mean::add_);
        let mean = sum.div_(A::mean_of_count(count.max(1)));
        let (sum, squares) = dispatch(Differences(values.slice(), mean));
        // What the mean is off by.
        let off = A::scaled_wide(A::Wide::cast(sum), 1.0 / count.max(1) as f64);
        let (squares, excess) = (squares.to_f64(), A::squared_wide(off) * count as f64);
        if !squares.is_finite() || !excess.is_finite() {
            return beyond(values.iter().copied());
        }
        // Of equal numbers no more than they are off from their mean, and less by rounding.
        Moments { count, near: A::Wide::cast(mean), off, squares: (squares - excess).max(0.0) }
    }
    fn splat(&self, value: A, n: usize, _: u64) -> Self::State {
        if self.skips_nan && value.is_nan_() {
            return self.nothing();
        }
        same(value, n as u64)
    }
    fn short_rows(&self, states: &mut [Self::State], values: &[A], first: u64) {
        let Some(state) = states.first() else { return };
        let earlier = state.count;
        match self.skips_nan || values.len() > SHORT * states.len() {
            true => each_row(self, states, values, first),
            false => dispatch(ShortRows(states, values, earlier)),
        }
    }
    fn lanes(&self, states: &mut [Self::State], values: &[A], at: u64) {
        self.few_rows(states, &[values], &[at]);
    }
    fn rows(&self, states: &mut [Self::State], rows: [&[A]; ROWS], at: [u64; ROWS]) {
        let Some(earlier) = states.first().map(|state| state.count) else { return };
        if self.skips_nan && !is_even(states, &rows) {
            return self.few_rows(states, &rows, &at);
        }
        dispatch(SomeRows::<A, true>(states, rows, ROWS, earlier));
    }
    fn few_rows(&self, states: &mut [Self::State], rows: &[&[A]], _: &[u64]) {
        if self.skips_nan {
            return rows.iter().for_each(|row| {
                for (state, &value) in states.iter_mut().zip(*row) {
                    self.combine(state, &self.splat(value, 1, 0));
                }
            });
        }
        let (Some(state), Some(first)) = (states.first(), rows.first()) else { return };
        let earlier = state.count;
        if let (0, [row]) = (earlier, rows) {
            return states.iter_mut().zip(*row).for_each(|(state, &value)| *state = same(value, 1));
        }
        let all = std::array::from_fn(|at| *rows.get(at).unwrap_or(first));
        dispatch(SomeRows::<A, false>(states, all, rows.len(), earlier));
    }
    fn gathers_rows(&self) -> bool {
        true
    }
    fn combine(&self, a: &mut Self::State, b: &Self::State) {
        if b.count == 0 {
            return;
        }
        if a.count == 0 {
            *a = *b;
            return;
        }
        *a = joined::<A>(*a, *b, shares(a.count, b.count));
    }
    fn combine_rows(&self, a: &mut [Self::State], b: &[Self::State]) {
        let (Some(first), Some(other)) = (a.first(), b.first()) else { return };
        match (first.count, other.count) {
            _ if self.skips_nan => a.iter_mut().zip(b).for_each(|(a, b)| self.combine(a, b)),
            (_, 0) => {}
            (0, _) => a.copy_from_slice(b),
            (earlier, later) => dispatch(BothRows::<A>(a, b, shares(earlier, later))),
        }
    }
    fn finish(&self, state: &Self::State, count: u64) -> A::Variance {
        let count = if self.skips_nan { state.count } else { count };
        // As in NumPy: of no degrees of freedom there is none, so the quotient is not finite.
        let freedom = count as f64 - self.ddof;
        let freedom = match freedom {
            // As NumPy's `nanvar` has it, whose `var` is infinite there.
            ..=0.0 if self.skips_nan => f64::NAN,
            ..0.0 => 0.0,
            freedom => freedom,
        };
        let variance = state.squares / freedom;
        A::Variance::from_f64(if self.is_root { variance.sqrt() } else { variance })
    }
}

#[cfg(test)]
mod tests {
    use crate::Array;

    #[test]
    fn without_a_degree_of_freedom_the_variance_of_what_is_known_is_nan() {
        let x = Array::from(vec![1.0, f64::NAN, 2.0]).rechunk(2);
        let scalar = |x: Array<f64, ndarray::Ix0>| x.compute().unwrap().into_scalar();
        assert!([2.0, 3.0].iter().all(|&ddof| scalar(x.nanvar(ddof)).is_nan()));
        assert!(scalar(x.nanstd(2.0)).is_nan());
        assert_eq!(scalar(x.nanvar(1.0)), 0.5);
        // As in NumPy, whose other one is infinite.
        assert_eq!(scalar(x.cast::<i32>().var(3.0)), f64::INFINITY);
    }
}
