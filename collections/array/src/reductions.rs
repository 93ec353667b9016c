//! The reductions themselves: what is kept of elements, and how two such states become one.
//!
//! In: elements. Out: implementations of [`Reduction`]. Loops are written over several accumulators at once, which the compiler makes vectors of.
//!
//! - Sums: 32 accumulators for a piece of a row, then pairwise (Higham, *The accuracy of floating point summation*, 1993).
//! - Means and variances: mean and sum of squared differences of each piece, in two passes over a tile that is in the cache, combined as Chan, Golub and
//!   LeVeque do (*Updating formulae and a pairwise algorithm for computing sample variances*, 1979); rows of states as Welford (1962) does.
//! - Extremes: NaN wins, as in NumPy, and of zeros the one whose sign is that of the extreme: the same bits for any chunks. Variants that leave NaN out take it for nothing.

use crate::ahead::Values;
use crate::element::{Element, Float, Number, Real, Summed};
use crate::reduce::Reduction;
use crate::simd::{Kernel, MulAdd, dispatch};
use num_complex::Complex;
use std::marker::PhantomData;

/// As many accumulators as keep the adders of a core with AVX-512 busy.
pub(crate) const LANES: usize = 32;

struct Folded<'a, A, S, F, G>(Values<'a, A>, S, F, G);
impl<A: Copy, S: Copy, F: Fn(S, A) -> S, G: Fn(S, S) -> S> Kernel for Folded<'_, A, S, F, G> {
    type Output = S;
    #[inline(always)]
    fn run<M: MulAdd>(self) -> S {
        let Folded(values, start, add, join) = self;
        let mut lanes = [start; LANES];
        let (rows, rest) = values.as_chunks::<LANES>();
        for row in rows {
            values.ask(row);
            for (lane, &value) in lanes.iter_mut().zip(row) {
                *lane = add(*lane, value);
            }
        }
        for (lane, &value) in lanes.iter_mut().zip(rest) {
            *lane = add(*lane, value);
        }
        let mut width = LANES;
        while width > 1 {
            width /= 2;
            for at in 0..width {
                lanes[at] = join(lanes[at], lanes[at + width]);
            }
        }
        lanes[0]
    }
}

/// Folds values into several accumulators and joins these; `add` and `join` don't care in what order, but for rounding.
///
/// Here and below, functions are `'static`, so that they have what they use by value: a number read through a reference in each turn keeps the compiler
/// from making vectors.
#[inline]
pub(crate) fn fold<A: Copy, S: Copy>(
    values: Values<'_, A>,
    start: S,
    add: impl Fn(S, A) -> S + 'static,
    join: impl Fn(S, S) -> S + 'static,
) -> S {
    dispatch(Folded(values, start, add, join))
}

struct Added<'a, A, S, F>(&'a mut [S], &'a [A], F);
impl<A: Copy, S: Copy, F: Fn(S, A) -> S> Kernel for Added<'_, A, S, F> {
    type Output = ();
    #[inline(always)]
    fn run<M: MulAdd>(self) {
        for (state, &value) in self.0.iter_mut().zip(self.1) {
            *state = (self.2)(*state, value);
        }
    }
}

/// Adds each value to the state at its place.
#[inline]
pub(crate) fn add_each<A: Copy, S: Copy>(
    states: &mut [S],
    values: &[A],
    add: impl Fn(S, A) -> S + 'static,
) {
    dispatch(Added(states, values, add));
}

/// So many rows are added to states at once, where they lie in memory: the states are read and written for all of them.
pub(crate) const ROWS: usize = 8;

struct AddedRows<'a, A, S, F>(&'a mut [S], [&'a [A]; ROWS], F);
impl<A: Copy, S: Copy, F: Fn(S, A) -> S> Kernel for AddedRows<'_, A, S, F> {
    type Output = ();
    #[inline(always)]
    fn run<M: MulAdd>(self) {
        let AddedRows(states, [a, b, c, d, e, f, g, h], add) = self;
        let pairs = a.iter().zip(b).zip(c.iter().zip(d)).zip(e.iter().zip(f).zip(g.iter().zip(h)));
        for (state, (((&a, &b), (&c, &d)), ((&e, &f), (&g, &h)))) in states.iter_mut().zip(pairs) {
            *state = add(add(add(add(*state, a), b), c), d);
            *state = add(add(add(add(*state, e), f), g), h);
        }
    }
}

/// Adds the values of several rows to the states at their places, in the order of the rows.
#[inline]
pub(crate) fn add_rows<A: Copy, S: Copy>(
    states: &mut [S],
    rows: [&[A]; ROWS],
    add: impl Fn(S, A) -> S + 'static,
) {
    dispatch(AddedRows(states, rows, add));
}

/// Sums.
pub(crate) struct Sum<A> {
    /// Whether NaN is left out.
    pub(crate) skips_nan: bool,
    pub(crate) element: PhantomData<A>,
}

impl<A: Summed> Reduction for Sum<A> {
    type In = A;
    type State = A::Sum;
    type Out = A::Sum;
    fn nothing(&self) -> A::Sum {
        A::Sum::ZERO
    }
    fn run(&self, values: Values<'_, A>, _: u64) -> A::Sum {
        if self.skips_nan {
            let add =
                |sum: A::Sum, value: A| if value.is_nan_() { sum } else { sum.add_(value.widen()) };
            return fold(values, A::Sum::ZERO, add, A::Sum::add_);
        }
        fold(values, A::Sum::ZERO, |sum, value| sum.add_(value.widen()), A::Sum::add_)
    }
    fn lanes(&self, sums: &mut [A::Sum], values: &[A], _: u64) {
        if self.skips_nan {
            return add_each(sums, values, |sum, value| {
                if value.is_nan_() { sum } else { sum.add_(value.widen()) }
            });
        }
        add_each(sums, values, |sum, value| sum.add_(value.widen()));
    }
    fn rows(&self, sums: &mut [A::Sum], rows: [&[A]; ROWS], _: [u64; ROWS]) {
        if self.skips_nan {
            return add_rows(sums, rows, |sum, value| {
                if value.is_nan_() { sum } else { sum.add_(value.widen()) }
            });
        }
        add_rows(sums, rows, |sum, value| sum.add_(value.widen()));
    }
    fn combine(&self, a: &mut A::Sum, b: &A::Sum) {
        *a = a.add_(*b);
    }
    fn finish(&self, sum: &A::Sum, _: u64) -> A::Sum {
        *sum
    }
}

/// Products.
pub(crate) struct Prod<A> {
    /// Whether NaN is left out.
    pub(crate) skips_nan: bool,
    pub(crate) element: PhantomData<A>,
}

impl<A: Number> Prod<A> {
    #[inline(always)]
    fn mul(&self) -> impl Fn(A::Sum, A) -> A::Sum + 'static {
        let skips_nan = self.skips_nan;
        move |product, value| match skips_nan && value.is_nan_() {
            true => product,
            false => product.mul_(value.widen()),
        }
    }
}

impl<A: Number> Reduction for Prod<A> {
    type In = A;
    type State = A::Sum;
    type Out = A::Sum;
    fn nothing(&self) -> A::Sum {
        A::Sum::ONE
    }
    fn run(&self, values: Values<'_, A>, _: u64) -> A::Sum {
        fold(values, A::Sum::ONE, self.mul(), A::Sum::mul_)
    }
    fn lanes(&self, products: &mut [A::Sum], values: &[A], _: u64) {
        add_each(products, values, self.mul());
    }
    fn combine(&self, a: &mut A::Sum, b: &A::Sum) {
        *a = a.mul_(*b);
    }
    fn finish(&self, product: &A::Sum, _: u64) -> A::Sum {
        *product
    }
}

/// Means: sums of what means are of, divided by their number.
pub(crate) struct Mean<A>(pub(crate) PhantomData<A>);

impl<A: Summed> Reduction for Mean<A> {
    type In = A;
    type State = A::Mean;
    type Out = A::Mean;
    fn nothing(&self) -> A::Mean {
        A::Mean::ZERO
    }
    fn run(&self, values: Values<'_, A>, _: u64) -> A::Mean {
        fold(values, A::Mean::ZERO, |sum, value| sum.add_(value.to_mean()), A::Mean::add_)
    }
    fn lanes(&self, sums: &mut [A::Mean], values: &[A], _: u64) {
        add_each(sums, values, |sum, value| sum.add_(value.to_mean()));
    }
    fn rows(&self, sums: &mut [A::Mean], rows: [&[A]; ROWS], _: [u64; ROWS]) {
        add_rows(sums, rows, |sum, value| sum.add_(value.to_mean()));
    }
    fn combine(&self, a: &mut A::Mean, b: &A::Mean) {
        *a = a.add_(*b);
    }
    fn finish(&self, sum: &A::Mean, count: u64) -> A::Mean {
        sum.div_(A::mean_of_count(count))
    }
}

/// Means of what is not NaN, with the number of these.
pub(crate) struct MeanOfSome<A>(pub(crate) PhantomData<A>);

impl<A: Number> Reduction for MeanOfSome<A> {
    type In = A;
    type State = (A::Mean, u64);
    type Out = A::Mean;
    fn nothing(&self) -> Self::State {
        (A::Mean::ZERO, 0)
    }
    fn run(&self, values: Values<'_, A>, _: u64) -> Self::State {
        let known = |value: A| if value.is_nan_() { A::Mean::ZERO } else { value.to_mean() };
        let sum =
            fold(values, A::Mean::ZERO, move |sum, value| sum.add_(known(value)), A::Mean::add_);
        let count =
            fold(values.again(), 0, |n, value| n + u64::from(!value.is_nan_()), |a, b| a + b);
        (sum, count)
    }
    fn lanes(&self, states: &mut [Self::State], values: &[A], _: u64) {
        add_each(states, values, |(sum, count): Self::State, value| match value.is_nan_() {
            true => (sum, count),
            false => (sum.add_(value.to_mean()), count + 1),
        });
    }
    fn combine(&self, a: &mut Self::State, b: &Self::State) {
        *a = (a.0.add_(b.0), a.1 + b.1);
    }
    fn finish(&self, &(sum, count): &Self::State, _: u64) -> A::Mean {
        sum.div_(A::mean_of_count(count))
    }
}

/// Minima and maxima.
pub(crate) struct Extreme<A> {
    /// What loses to everything.
    pub(crate) worst: A,
    pub(crate) is_max: bool,
    /// Whether NaN is left out; it wins otherwise.
    pub(crate) skips_nan: bool,
}

impl<A: Real> Extreme<A> {
    #[inline(always)]
    fn least(a: A, b: A) -> A {
        if b.is_nan_() { a } else { a.lesser_(b) }
    }
    #[inline(always)]
    fn greatest(a: A, b: A) -> A {
        if b.is_nan_() { a } else { a.greater_(b) }
    }
}

impl<A: Real> Reduction for Extreme<A> {
    type In = A;
    type State = A;
    type Out = A;
    fn nothing(&self) -> A {
        self.worst
    }
    fn run(&self, values: Values<'_, A>, _: u64) -> A {
        match (self.is_max, self.skips_nan) {
            (false, false) => fold(values, self.worst, A::lesser_, A::lesser_),
            (true, false) => fold(values, self.worst, A::greater_, A::greater_),
            (false, true) => fold(values, self.worst, Self::least, Self::least),
            (true, true) => fold(values, self.worst, Self::greatest, Self::greatest),
        }
    }
    fn lanes(&self, states: &mut [A], values: &[A], _: u64) {
        match (self.is_max, self.skips_nan) {
            (false, false) => add_each(states, values, A::lesser_),
            (true, false) => add_each(states, values, A::greater_),
            (false, true) => add_each(states, values, Self::least),
            (true, true) => add_each(states, values, Self::greatest),
        }
    }
    fn rows(&self, states: &mut [A], rows: [&[A]; ROWS], _: [u64; ROWS]) {
        match (self.is_max, self.skips_nan) {
            (false, false) => add_rows(states, rows, A::lesser_),
            (true, false) => add_rows(states, rows, A::greater_),
            (false, true) => add_rows(states, rows, Self::least),
            (true, true) => add_rows(states, rows, Self::greatest),
        }
    }
    fn combine(&self, a: &mut A, b: &A) {
        *a = match (self.is_max, self.skips_nan) {
            (false, false) => A::lesser_(*a, *b),
            (true, false) => A::greater_(*a, *b),
            (false, true) => Self::least(*a, *b),
            (true, true) => Self::greatest(*a, *b),
        };
    }
    fn finish(&self, state: &A, _: u64) -> A {
        state.one_nan_()
    }
}

/// Where the extreme is: the first of several, and the first NaN if there is one, as in NumPy.
pub(crate) struct ArgExtreme<A> {
    pub(crate) is_max: bool,
    pub(crate) element: PhantomData<A>,
}

impl<A: Real> ArgExtreme<A> {
    /// Whether a later `b` takes the place of `a`.
    #[inline(always)]
    fn is_beaten(&self, a: A, b: A) -> bool {
        !a.is_nan_() && (b.is_nan_() || if self.is_max { b > a } else { b < a })
    }
}

impl<A: Real> Reduction for ArgExtreme<A> {
    type In = A;
    /// No place: nothing so far.
    type State = (A, Option<u64>);
    type Out = u64;
    const ASKS_WHERE: bool = true;
    fn nothing(&self) -> Self::State {
        (A::ZERO, None)
    }
    fn run(&self, values: Values<'_, A>, first: u64) -> Self::State {
        // The extreme first, which vectors do, and then where it is.
        let (is_max, skips_nan) = (self.is_max, false);
        let worst = if is_max { A::LOWEST } else { A::HIGHEST };
        let extreme = Extreme { worst, is_max, skips_nan }.run(values, first);
        let is_it = |value: &A| *value == extreme || value.is_nan_() && extreme.is_nan_();
        (extreme, values.iter().position(is_it).map(|at| first + at as u64))
    }
    fn lanes(&self, states: &mut [Self::State], values: &[A], at: u64) {
        for (state, &value) in states.iter_mut().zip(values) {
            if state.1.is_none() || self.is_beaten(state.0, value) {
                *state = (value, Some(at));
            }
        }
    }
    fn combine(&self, a: &mut Self::State, b: &Self::State) {
        let (Some(at_a), Some(at_b)) = (a.1, b.1) else {
            if a.1.is_none() {
                *a = *b;
            }
            return;
        };
        // Rows of states are combined in an order that is not that of the elements.
        let is_same = !self.is_beaten(a.0, b.0) && !self.is_beaten(b.0, a.0);
        if self.is_beaten(a.0, b.0) || is_same && at_b < at_a || b.0.is_nan_() && at_b < at_a {
            *a = *b;
        }
    }
    fn finish(&self, state: &Self::State, _: u64) -> u64 {
        state.1.unwrap_or(0)
    }
}

/// Whether any element, or all, are true.
pub(crate) struct AnyOrAll {
    pub(crate) is_all: bool,
}

impl Reduction for AnyOrAll {
    type In = bool;
    type State = bool;
    type Out = bool;
    fn nothing(&self) -> bool {
        self.is_all
    }
    fn run(&self, values: Values<'_, bool>, _: u64) -> bool {
        match self.is_all {
            true => fold(values, true, |a, b| a & b, |a, b| a & b),
            false => fold(values, false, |a, b| a | b, |a, b| a | b),
        }
    }
    fn lanes(&self, states: &mut [bool], values: &[bool], _: u64) {
        match self.is_all {
            true => add_each(states, values, |a, b| a & b),
            false => add_each(states, values, |a, b| a | b),
        }
    }
    fn combine(&self, a: &mut bool, b: &bool) {
        if self.is_all { *a &= b } else { *a |= b }
    }
    fn finish(&self, state: &bool, _: u64) -> bool {
        *state
    }
}

/// How many elements are not zero, or true.
pub(crate) struct Count<A>(pub(crate) PhantomData<A>);

impl<A: Element> Reduction for Count<A> {
    type In = A;
    type State = u64;
    type Out = u64;
    fn nothing(&self) -> u64 {
        0
    }
    fn run(&self, values: Values<'_, A>, _: u64) -> u64 {
        fold(values, 0, |n, value| n + u64::from(value != A::default()), |a, b| a + b)
    }
    fn lanes(&self, counts: &mut [u64], values: &[A], _: u64) {
        add_each(counts, values, |n, value| n + u64::from(value != A::default()));
    }
    fn rows(&self, counts: &mut [u64], rows: [&[A]; ROWS], _: [u64; ROWS]) {
        add_rows(counts, rows, |n, value| n + u64::from(value != A::default()));
    }
    fn combine(&self, a: &mut u64, b: &u64) {
        *a += b;
    }
    fn finish(&self, count: &u64, _: u64) -> u64 {
        *count
    }
}

/// What a variance is made of: numbers with a square that is real.
#[diagnostic::on_unimplemented(
    message = "elements of `{Self}` have no variance and no quantiles",
    label = "`{Self}` is no number",
    note = "say `.cast::<f64>()` first"
)]
pub trait Spread: Number {
    /// What the variance is of: the type of the mean, without its imaginary part.
    type Variance: Float;
    #[doc(hidden)]
    fn squared(difference: Self::Mean) -> Self::Variance;
    #[doc(hidden)]
    fn scaled(mean: Self::Mean, by: Self::Variance) -> Self::Mean;
}

macro_rules! spread {
    ($($A:ty)*) => {$(
        impl Spread for $A {
            type Variance = <$A as Summed>::Mean;
            #[inline(always)]
            fn squared(difference: Self::Mean) -> Self::Mean { difference * difference }
            #[inline(always)]
            fn scaled(mean: Self::Mean, by: Self::Mean) -> Self::Mean { mean * by }
        }
    )*};
}
spread! { i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 }
macro_rules! spread_complex {
    ($($A:ty)*) => {$(
        impl Spread for Complex<$A> {
            type Variance = $A;
            #[inline(always)]
            fn squared(difference: Self) -> $A { difference.norm_sqr() }
            #[inline(always)]
            fn scaled(mean: Self, by: $A) -> Self { mean * by }
        }
    )*};
}
spread_complex! { f32 f64 }

/// Mean and sum of squared differences from it, of some elements.
#[derive(Clone, Copy)]
pub(crate) struct Moments<M, V> {
    count: u64,
    mean: M,
    squares: V,
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
    type State = Moments<A::Mean, A::Variance>;
    type Out = A::Variance;
    fn nothing(&self) -> Self::State {
        Moments { count: 0, mean: A::Mean::ZERO, squares: A::Variance::ZERO }
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
        let square = move |squares: A::Variance, value: A| {
            squares.add_(A::squared(value.to_mean().sub_(mean)))
        };
        let squares = fold(values.again(), A::Variance::ZERO, square, A::Variance::add_);
        Moments { count, mean, squares }
    }
    fn splat(&self, value: A, n: usize, _: u64) -> Self::State {
        if self.skips_nan && value.is_nan_() {
            return self.nothing();
        }
        let nothing = A::Variance::ZERO;
        // NaN and infinity have no difference of zero.
        let squares = A::squared(value.to_mean().sub_(value.to_mean()));
        Moments { count: n as u64, mean: value.to_mean(), squares: nothing.add_(squares) }
    }
    fn lanes(&self, states: &mut [Self::State], values: &[A], _: u64) {
        let Some(first) = states.first() else { return };
        if self.skips_nan {
            for (state, &value) in states.iter_mut().zip(values) {
                self.combine(state, &self.splat(value, 1, 0));
            }
            return;
        }
        let count = first.count + 1;
        let part = A::Variance::from_f64(1.0 / count as f64);
        add_each(states, values, move |state: Self::State, value| {
            let difference = value.to_mean().sub_(state.mean);
            let mean = state.mean.add_(A::scaled(difference, part));
            // Of Welford's product (x - old mean)(x - new mean), which is real: the second is (1 - 1/n) of the first.
            let squares = A::squared(difference).mul_(A::Variance::ONE.sub_(part));
            Moments { count, mean, squares: state.squares.add_(squares) }
        });
    }
    fn combine(&self, a: &mut Self::State, b: &Self::State) {
        let count = a.count + b.count;
        if b.count == 0 {
            return;
        }
        if a.count == 0 {
            *a = *b;
            return;
        }
        let difference = b.mean.sub_(a.mean);
        let share = b.count as f64 / count as f64;
        let cross = A::Variance::from_f64(a.count as f64 * share);
        let squares = a.squares.add_(b.squares).add_(A::squared(difference).mul_(cross));
        let mean = a.mean.add_(A::scaled(difference, A::Variance::from_f64(share)));
        *a = Moments { count, mean, squares };
    }
    fn finish(&self, state: &Self::State, count: u64) -> A::Variance {
        let count = if self.skips_nan { state.count } else { count };
        // As in NumPy: of no degrees of freedom there is none, so the quotient is not finite.
        let freedom = A::Variance::from_f64((count as f64 - self.ddof).max(0.0));
        let variance = state.squares.div_(freedom);
        if self.is_root { variance.sqrt_() } else { variance }
    }
}
