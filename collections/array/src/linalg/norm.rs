//! The 2-norm of all elements, however large or small they are.
//!
//! In: elements. Out: a reduction. The sum of squares is kept as `scale² · sum`, with a power of two for a scale, which is 1 unless squares would overflow or be lost (as LAPACK's `dlassq`, after
//! Blue, *A portable Fortran program to find the Euclidean norm of a vector*, 1978; here a whole run of elements is looked at once).

use crate::ahead::Values;
use crate::element::Float;
use crate::reduce::Reduction;
use crate::reductions::fold;
use std::marker::PhantomData;

/// Sums of squares between these are kept as they are: what was lost below is less than a rounding error, and 2¹²³ of them can be added.
const SAFE: std::ops::Range<f64> = 1e-271..1e271;

pub(crate) struct Norm<A>(pub(crate) PhantomData<A>);

/// `scale² · sum`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Squares {
    scale: f64,
    sum: f64,
}

const NOTHING: Squares = Squares { scale: 1.0, sum: 0.0 };

impl Squares {
    fn of<A: Float>(values: Values<'_, A>) -> Squares {
        let square = |sum: f64, value: A| sum + value.to_f64() * value.to_f64();
        let sum = fold(values, 0.0, square, |a, b| a + b);
        if SAFE.contains(&sum) || sum.is_nan() {
            return Squares { scale: 1.0, sum };
        }
        let largest = values.iter().fold(0.0_f64, |max, value| max.max(value.to_f64().abs()));
        if largest == 0.0 || largest.is_infinite() {
            return Squares { scale: 1.0, sum };
        }
        // The power of two below it; the least normal one, if it is less.
        let exponent = f64::from_bits(largest.to_bits() & f64::INFINITY.to_bits());
        let scale = exponent.max(f64::MIN_POSITIVE);
        let square =
            move |sum: f64, value: A| sum + (value.to_f64() / scale) * (value.to_f64() / scale);
        Squares { scale, sum: fold(values.again(), 0.0, square, |a, b| a + b) }
    }

    fn add(&mut self, other: Squares) {
        if self.scale == other.scale {
            self.sum += other.sum;
        } else if self.sum == 0.0 {
            *self = other;
        } else if other.sum != 0.0 {
            let (large, small) =
                if self.scale > other.scale { (*self, other) } else { (other, *self) };
            let ratio = small.scale / large.scale;
            self.sum = large.sum + ratio * (ratio * small.sum);
            self.scale = large.scale;
        }
    }
}

impl<A: Float> Reduction for Norm<A> {
    type In = A;
    type State = Squares;
    type Out = A;
    fn nothing(&self) -> Squares {
        NOTHING
    }
    fn run(&self, values: Values<'_, A>, _: u64) -> Squares {
        Squares::of(values)
    }
    fn lanes(&self, states: &mut [Squares], values: &[A], _: u64) {
        for (state, value) in states.iter_mut().zip(values) {
            state.add(Squares::of(std::slice::from_ref(value).into()));
        }
    }
    fn combine(&self, a: &mut Squares, b: &Squares) {
        a.add(*b);
    }
    fn finish(&self, state: &Squares, _: u64) -> A {
        A::from_f64(state.scale * state.sum.sqrt())
    }
}
