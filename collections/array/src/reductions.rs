//! The reductions themselves: what is kept of elements, and how two such states become one.
//!
//! In: elements. Out: implementations of [`Reduction`]. Loops are written over several accumulators at once, which the compiler makes vectors of; those of short rows over one, because
//! the rows themselves are many.
//!
//! - Sums: 32 accumulators for a piece of a row, then pairwise (Higham, *The accuracy of floating point summation*, 1993).
//! - Extremes: NaN wins, as in NumPy, and of zeros the one whose sign is that of the extreme: the same bits for any chunks. Variants that leave NaN out take it for nothing.
//!
//! Not here: variances (`variance`).

use crate::ahead::Values;
use crate::element::{Element, Number, Real, Summed};
use crate::reduce::{Reduction, each_row};
use crate::simd::{Kernel, MulAdd, dispatch};
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

/// Rows that are shorter are folded one element after the other, others into so many accumulators.
const SHORT_LANES: usize = 8;
/// Rows of so few elements are searched in turn for where the extreme is; of longer ones it is found first.
const MOST_IN_TURN: usize = 16;

struct FoldedRows<'a, A, S, F, G>(&'a mut [S], &'a [A], S, F, G);
impl<A: Copy, S: Copy, F: Fn(S, A) -> S, G: Fn(S, S) -> S> FoldedRows<'_, A, S, F, G> {
    /// Rows of `N` elements: of a length that the compiler knows it makes no loop.
    #[inline(always)]
    fn of<const N: usize>(self) {
        let FoldedRows(states, values, start, add, join) = self;
        for (state, row) in states.iter_mut().zip(values.as_chunks::<N>().0) {
            *state = join(*state, row.iter().fold(start, |all, &value| add(all, value)));
        }
    }

    #[inline(always)]
    fn long(self) {
        let FoldedRows(states, values, start, add, join) = self;
        let len = values.len() / states.len().max(1);
        for (state, row) in states.iter_mut().zip(values.chunks_exact(len.max(1))) {
            let mut lanes = [start; SHORT_LANES];
            let (several, rest) = row.as_chunks::<SHORT_LANES>();
            for row in several {
                for (lane, &value) in lanes.iter_mut().zip(row) {
                    *lane = add(*lane, value);
                }
            }
            for (lane, &value) in lanes.iter_mut().zip(rest) {
                *lane = add(*lane, value);
            }
            let mut width = SHORT_LANES;
            while width > 1 {
                width /= 2;
                for at in 0..width {
                    lanes[at] = join(lanes[at], lanes[at + width]);
                }
            }
            *state = join(*state, lanes[0]);
        }
    }
}
impl<A: Copy, S: Copy, F: Fn(S, A) -> S, G: Fn(S, S) -> S> Kernel for FoldedRows<'_, A, S, F, G> {
    type Output = ();
    #[inline(always)]
    fn run<M: MulAdd>(self) {
        match self.1.len() / self.0.len().max(1) {
            1 => self.of::<1>(),
            2 => self.of::<2>(),
            3 => self.of::<3>(),
            4 => self.of::<4>(),
            5 => self.of::<5>(),
            6 => self.of::<6>(),
            7 => self.of::<7>(),
            _ => self.long(),
        }
    }
}

/// Folds rows, which lie one after the other and are as many as states, and joins each with its state.
#[inline]
pub(crate) fn fold_rows<A: Copy, S: Copy>(
    states: &mut [S],
    values: &[A],
    start: S,
    add: impl Fn(S, A) -> S + 'static,
    join: impl Fn(S, S) -> S + 'static,
) {
    dispatch(FoldedRows(states, values, start, add, join));
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
    fn short_rows(&self, sums: &mut [A::Sum], values: &[A], _: u64) {
        if self.skips_nan {
            let add =
                |sum: A::Sum, value: A| if value.is_nan_() { sum } else { sum.add_(value.widen()) };
            return fold_rows(sums, values, A::Sum::ZERO, add, A::Sum::add_);
        }
        let add = |sum: A::Sum, value: A| sum.add_(value.widen());
        fold_rows(sums, values, A::Sum::ZERO, add, A::Sum::add_);
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
    fn short_rows(&self, products: &mut [A::Sum], values: &[A], _: u64) {
        fold_rows(products, values, A::Sum::ONE, self.mul(), A::Sum::mul_);
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
    fn short_rows(&self, sums: &mut [A::Mean], values: &[A], _: u64) {
        let add = |sum: A::Mean, value: A| sum.add_(value.to_mean());
        fold_rows(sums, values, A::Mean::ZERO, add, A::Mean::add_);
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
    fn short_rows(&self, states: &mut [A], values: &[A], _: u64) {
        let worst = self.worst;
        match (self.is_max, self.skips_nan) {
            (false, false) => fold_rows(states, values, worst, A::lesser_, A::lesser_),
            (true, false) => fold_rows(states, values, worst, A::greater_, A::greater_),
            (false, true) => fold_rows(states, values, worst, Self::least, Self::least),
            (true, true) => fold_rows(states, values, worst, Self::greatest, Self::greatest),
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

/// The place of nothing: no array has as many elements.
const NOWHERE: u64 = u64::MAX;

impl<A: Real> ArgExtreme<A> {
    /// Whether a later `b` takes the place of `a`.
    #[inline(always)]
    fn is_beaten(is_max: bool, a: A, b: A) -> bool {
        // What is not ordered is beaten too, unless it is `a` that is NaN.
        let holds = if is_max { a >= b } else { a <= b };
        !holds & !a.is_nan_()
    }

    /// The state of a row, one element after the other.
    #[inline(always)]
    fn of_row(is_max: bool, row: &[A], first: u64) -> (A, u64) {
        let (&start, rest) = row.split_first().unwrap_or((&A::ZERO, &[]));
        let (mut best, mut place) = (start, first);
        for (at, &value) in (first + 1..).zip(rest) {
            let is_beaten = Self::is_beaten(is_max, best, value);
            best = std::hint::select_unpredictable(is_beaten, value, best);
            place = std::hint::select_unpredictable(is_beaten, at, place);
        }
        (best, place)
    }

    #[inline(always)]
    fn better(is_max: bool, a: (A, u64), b: (A, u64)) -> (A, u64) {
        if a.1 == NOWHERE || b.1 == NOWHERE {
            return if a.1 == NOWHERE { b } else { a };
        }
        let (is_beaten, beats) =
            (Self::is_beaten(is_max, a.0, b.0), Self::is_beaten(is_max, b.0, a.0));
        // Rows of states are combined in an order that is not that of the elements.
        let is_same = !is_beaten && !beats;
        if is_beaten || (is_same || b.0.is_nan_()) && b.1 < a.1 { b } else { a }
    }
}

struct ArgRows<'a, A, const IS_MAX: bool>(&'a mut [(A, u64)], &'a [A], u64);
impl<A: Real, const IS_MAX: bool> ArgRows<'_, A, IS_MAX> {
    #[inline(always)]
    fn each<'r>(states: &mut [(A, u64)], rows: impl Iterator<Item = &'r [A]>, first: u64) {
        for (state, row) in states.iter_mut().zip(rows) {
            *state = ArgExtreme::better(IS_MAX, *state, ArgExtreme::of_row(IS_MAX, row, first));
        }
    }

    /// As [`FoldedRows::of`].
    #[inline(always)]
    fn of<const N: usize>(self) {
        let rows = self.1.as_chunks::<N>().0.iter().map(|row| &row[..]);
        Self::each(self.0, rows, self.2);
    }
}
impl<A: Real, const IS_MAX: bool> Kernel for ArgRows<'_, A, IS_MAX> {
    type Output = ();
    #[inline(always)]
    fn run<M: MulAdd>(self) {
        match self.1.len() / self.0.len().max(1) {
            2 => self.of::<2>(),
            3 => self.of::<3>(),
            4 => self.of::<4>(),
            len => Self::each(self.0, self.1.chunks_exact(len.max(1)), self.2),
        }
    }
}

impl<A: Real> Reduction for ArgExtreme<A> {
    type In = A;
    type State = (A, u64);
    type Out = u64;
    const ASKS_WHERE: bool = true;
    fn nothing(&self) -> Self::State {
        (A::ZERO, NOWHERE)
    }
    fn run(&self, values: Values<'_, A>, first: u64) -> Self::State {
        // The extreme first, which vectors do, and then where it is.
        let (is_max, skips_nan) = (self.is_max, false);
        let worst = if is_max { A::LOWEST } else { A::HIGHEST };
        let extreme = Extreme { worst, is_max, skips_nan }.run(values, first);
        let is_it = |value: &A| *value == extreme || value.is_nan_() && extreme.is_nan_();
        let at = values.iter().position(is_it);
        (extreme, at.map_or(NOWHERE, |at| first + at as u64))
    }
    fn short_rows(&self, states: &mut [Self::State], values: &[A], first: u64) {
        if values.len() / states.len().max(1) > MOST_IN_TURN {
            return each_row(self, states, values, first);
        }
        match self.is_max {
            true => dispatch(ArgRows::<A, true>(states, values, first)),
            false => dispatch(ArgRows::<A, false>(states, values, first)),
        }
    }
    fn lanes(&self, states: &mut [Self::State], values: &[A], at: u64) {
        for (state, &value) in states.iter_mut().zip(values) {
            if state.1 == NOWHERE || Self::is_beaten(self.is_max, state.0, value) {
                *state = (value, at);
            }
        }
    }
    fn combine(&self, a: &mut Self::State, b: &Self::State) {
        *a = Self::better(self.is_max, *a, *b);
    }
    fn finish(&self, state: &Self::State, _: u64) -> u64 {
        if state.1 == NOWHERE { 0 } else { state.1 }
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
    fn short_rows(&self, states: &mut [bool], values: &[bool], _: u64) {
        match self.is_all {
            true => fold_rows(states, values, true, |a, b| a & b, |a, b| a & b),
            false => fold_rows(states, values, false, |a, b| a | b, |a, b| a | b),
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
    fn short_rows(&self, counts: &mut [u64], values: &[A], _: u64) {
        fold_rows(counts, values, 0, |n, value| n + u64::from(value != A::default()), |a, b| a + b);
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
