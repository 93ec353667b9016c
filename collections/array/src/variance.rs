//! Variances: means, and sums of squared differences from them.
//!
//! In: elements. Out: a [`Reduction`]. Of each piece of a row, in two passes over a tile that is in the cache, the second of which corrects the mean (Chan, Golub and LeVeque, *Algorithms for
//! computing the sample variance*, 1983); of rows that are added to a row of states the same of eight at once, and of single ones as Welford (1962) does. Such moments are combined as the same three
//! do (*Updating formulae and a pairwise algorithm for computing sample variances*, 1979), in `f64`: of `f32` far from zero the means of two pieces differ by less than `f32` can say.
//!
//! Not here: quantiles (`quantile`).

use crate::ahead::Values;
use crate::element::{Cast, Float, Number, Real, Summed};
use crate::reduce::{Reduction, each_row};
use crate::reductions::{LANES, ROWS, fold};
use crate::simd::{Kernel, MulAdd, dispatch};
use num_complex::Complex;
use std::marker::PhantomData;

/// What a variance is made of: numbers with a square that is real, and `bool`s, of which false is 0 and true 1.
#[diagnostic::on_unimplemented(
    message = "elements of `{Self}` have no variance and no quantiles",
    label = "`{Self}` is no number",
    note = "say `.cast::<f64>()` first"
)]
pub trait Spread: Summed {
    /// What the variance is of: the type of the mean, without its imaginary part.
    type Variance: Float;
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
            type Variance = <$A as Summed>::Mean;
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
spread! { bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 }
macro_rules! spread_complex {
    ($($A:ty)*) => {$(
        impl Spread for Complex<$A> {
            type Variance = $A;
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
    mean: W,
    squares: f64,
}

/// How moments of `later` elements go into those of `earlier` ones: the share of the mean, and the factor of the squared difference.
#[inline(always)]
fn shares(earlier: u64, later: u64) -> (f64, f64) {
    let share = later as f64 / (earlier + later) as f64;
    (share, earlier as f64 * share)
}

/// The moments of both, whose numbers are known.
#[inline(always)]
fn joined<A: Spread>(
    a: Moments<A::Wide>,
    b: Moments<A::Wide>,
    (share, cross): (f64, f64),
) -> Moments<A::Wide> {
    let difference = b.mean.sub_(a.mean);
    Moments {
        count: a.count + b.count,
        mean: a.mean.add_(A::scaled_wide(difference, share)),
        squares: a.squares + b.squares + A::squared_wide(difference) * cross,
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

/// Several rows that are added to a row of states, which all have so many elements.
struct SeveralRows<'a, A: Spread>(&'a mut [Moments<A::Wide>], [&'a [A]; ROWS], u64);
/// So many columns at once: their rows are vectors.
const COLUMNS: usize = 16;

impl<A: Spread> SeveralRows<'_, A> {
    /// The moments of several rows of `N` columns: sums of differences from the first row, which are exact or large, then from the means.
    #[inline(always)]
    fn of<const N: usize>(rows: [&[A; N]; ROWS]) -> [Moments<A::Wide>; N] {
        let part = A::Variance::from_f64(1.0 / ROWS as f64);
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
        std::array::from_fn(|at| Moments {
            count: ROWS as u64,
            mean: A::Wide::cast(first[at]).add_(A::Wide::cast(means[at])),
            squares: squares[at].to_f64(),
        })
    }

    #[inline(always)]
    fn join<const N: usize>(
        states: &mut [Moments<A::Wide>; N],
        rows: [&[A; N]; ROWS],
        earlier: u64,
        shares: (f64, f64),
    ) {
        let some = Self::of(rows);
        match earlier {
            0 => *states = some,
            _ => states.iter_mut().zip(some).for_each(|(a, b)| *a = joined::<A>(*a, b, shares)),
        }
    }
}

impl<A: Spread> Kernel for SeveralRows<'_, A> {
    type Output = ();
    #[inline(always)]
    fn run<M: MulAdd>(self) {
        let SeveralRows(states, rows, earlier) = self;
        let shares = shares(earlier, ROWS as u64);
        let (wide, rest) = states.as_chunks_mut::<COLUMNS>();
        let rows = rows.map(|row| row.as_chunks::<COLUMNS>());
        for (at, states) in wide.iter_mut().enumerate() {
            Self::join(states, rows.map(|(row, _)| &row[at]), earlier, shares);
        }
        let (single, _) = rest.as_chunks_mut::<1>();
        for (at, state) in single.iter_mut().enumerate() {
            Self::join(state, rows.map(|(_, row)| &row.as_chunks::<1>().0[at]), earlier, shares);
        }
    }
}

/// One row that is added to a row of states, which all have so many elements.
struct OneRow<'a, A: Spread>(&'a mut [Moments<A::Wide>], &'a [A], u64);
impl<A: Spread> Kernel for OneRow<'_, A> {
    type Output = ();
    #[inline(always)]
    fn run<M: MulAdd>(self) {
        let OneRow(states, values, count) = self;
        let shares = shares(count, 1);
        for (state, value) in states.iter_mut().zip(values) {
            let mean = A::Wide::cast(value.to_mean());
            // NaN and infinity have no difference of zero.
            let one = Moments { count: 1, mean, squares: A::squared_wide(mean.sub_(mean)) };
            *state = joined::<A>(*state, one, shares);
        }
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
            let mean = A::scaled_wide(sum, part);
            let square = |value| A::squared_wide(difference(value).sub_(mean));
            let squares = row.iter().map(square).fold(0.0, |all, square| all + square);
            let some = Moments { count: len as u64, mean: first.add_(mean), squares };
            *state = if earlier == 0 { some } else { joined::<A>(*state, some, shares) };
        }
    }
}

/// Rows of states, which all have so many elements.
struct BothRows<'a, A: Spread>(&'a mut [Moments<A::Wide>], &'a [Moments<A::Wide>], (f64, f64));
impl<A: Spread> Kernel for BothRows<'_, A> {
    type Output = ();
    #[inline(always)]
    fn run<M: MulAdd>(self) {
        for (a, b) in self.0.iter_mut().zip(self.1) {
            *a = joined::<A>(*a, *b, self.2);
        }
    }
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
        Moments { count: 0, mean: A::Wide::ZERO, squares: 0.0 }
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
        // What the mean is off by; where squares are beyond all numbers, so is what would be taken from them.
        let rest = A::scaled_wide(A::Wide::cast(sum), 1.0 / count.max(1) as f64);
        let (squares, excess) = (squares.to_f64(), A::squared_wide(rest) * count as f64);
        let squares = if excess < squares { squares - excess } else { squares };
        Moments { count, mean: A::Wide::cast(mean).add_(rest), squares }
    }
    fn splat(&self, value: A, n: usize, _: u64) -> Self::State {
        if self.skips_nan && value.is_nan_() {
            return self.nothing();
        }
        let mean = A::Wide::cast(value.to_mean());
        // NaN and infinity have no difference of zero.
        Moments { count: n as u64, mean, squares: A::squared_wide(mean.sub_(mean)) }
    }
    fn short_rows(&self, states: &mut [Self::State], values: &[A], first: u64) {
        let Some(state) = states.first() else { return };
        let earlier = state.count;
        match self.skips_nan || values.len() > SHORT * states.len() {
            true => each_row(self, states, values, first),
            false => dispatch(ShortRows(states, values, earlier)),
        }
    }
    fn lanes(&self, states: &mut [Self::State], values: &[A], _: u64) {
        let Some(first) = states.first() else { return };
        if self.skips_nan {
            for (state, &value) in states.iter_mut().zip(values) {
                self.combine(state, &self.splat(value, 1, 0));
            }
            return;
        }
        match first.count {
            0 => states.iter_mut().zip(values).for_each(|(state, &value)| {
                *state = self.splat(value, 1, 0);
            }),
            count => dispatch(OneRow(states, values, count)),
        }
    }
    fn rows(&self, states: &mut [Self::State], rows: [&[A]; ROWS], at: [u64; ROWS]) {
        if self.skips_nan {
            return rows.into_iter().zip(at).for_each(|(row, at)| self.lanes(states, row, at));
        }
        let Some(first) = states.first() else { return };
        let count = first.count;
        dispatch(SeveralRows(states, rows, count));
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
        let freedom = (count as f64 - self.ddof).max(0.0);
        let variance = state.squares / freedom;
        A::Variance::from_f64(if self.is_root { variance.sqrt() } else { variance })
    }
}
