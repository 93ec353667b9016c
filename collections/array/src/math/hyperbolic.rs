//! Hyperbolic sine, cosine and tangent in f64.
//!
//! In: one number. Out: one number, within 0.8 of a unit in the last place of the true value. No branches: these are inlined into
//! a loop that becomes vector code.
//!
//! Method: |x| = n·ln 2 + r as for e^x, so that with a = 2^n / 2 and b = 2^-n / 2, sinh |x| = (a - b)·cosh r + (a + b)·sinh r and
//! cosh x = (a + b)·cosh r + (a - b)·sinh r; the leading terms are summed exactly. tanh |x| = -E / (2 + E) with
//! E = e^(-2|x|) - 1, both in two parts.
//! Sources: the identities are textbook ones; the coefficients are our own, by Remez exchange.
//!
//! Not here: inverse hyperbolic functions (`area`); f32 (`single`).

use super::exp::{expm1_halved, reduce};
use super::parts::{at_most, polynomial, power_of_two, quotient, sum_of_ordered};
use crate::simd::MulAdd;

/// (sinh r - r) / r³ in r², for |r| ≤ ln 2 / 2.
const SINH: [f64; 5] = [
    0.16666666666666677,
    0.008333333333321606,
    0.00019841269886186136,
    2.7557244151370223e-06,
    2.5109056421932427e-08,
];

/// (cosh r - 1 - r²/2) / r⁴ in r², for |r| ≤ ln 2 / 2.
const COSH: [f64; 5] = [
    0.041666666666666685,
    0.0013888888888873448,
    2.480158734882409e-05,
    2.755725217778317e-07,
    2.0921649960182415e-09,
];

/// What sinh and cosh of one number are made of.
struct Terms {
    /// An eighth of 2^n and of 2^-n, so that the former is a number for every n that gives a finite result.
    a: f64,
    b: f64,
    /// r, but for what is in `sinh_less_r`.
    r: f64,
    sinh_less_r: f64,
    cosh_less_one: f64,
}

/// The terms of a number that is not negative.
#[inline(always)]
fn terms<M: MulAdd>(size: f64) -> Terms {
    let (n, high, low) = reduce::<M>(at_most(size, 711.0));
    let r = high + low;
    let square = r * r;
    let sinh = M::mul_add(square * r, polynomial::<M, _>(square, &SINH), low);
    let cosh = M::mul_add(square * square, polynomial::<M, _>(square, &COSH), 0.5 * square);
    // From 2^-100 on the lesser power of two makes no difference.
    let lesser = at_most(n, 100.0);
    Terms {
        a: power_of_two(n - 3.0),
        b: power_of_two(-3.0 - lesser),
        r: high,
        sinh_less_r: sinh,
        cosh_less_one: cosh,
    }
}

#[inline(always)]
pub(super) fn sinh<M: MulAdd>(x: f64) -> f64 {
    let Terms { a, b, r, sinh_less_r, cosh_less_one } = terms::<M>(x.abs());
    let (sum, difference) = (a + b, a - b);
    let lost = (a - difference) - b;
    let (high, rest) = sum_of_ordered(difference, a * r);
    let (high, more) = sum_of_ordered(high, b * r);
    let low = M::mul_add(sum, sinh_less_r, (lost + rest) + more);
    let value = 4.0 * (high + M::mul_add(difference, cosh_less_one, low));
    // Where an eighth of x may be no number, x itself.
    if x.abs() < 1.0 / (1u64 << 28) as f64 { x } else { value.copysign(x) }
}

#[inline(always)]
pub(super) fn cosh<M: MulAdd>(x: f64) -> f64 {
    let Terms { a, b, r, sinh_less_r, cosh_less_one } = terms::<M>(x.abs());
    let (sum, difference) = (a + b, a - b);
    let lost = (a - sum) + b;
    let (high, rest) = sum_of_ordered(sum, a * r);
    let (high, more) = sum_of_ordered(high, -b * r);
    let low = M::mul_add(difference, sinh_less_r, (lost + rest) + more);
    4.0 * (high + M::mul_add(sum, cosh_less_one, low))
}

#[inline(always)]
pub(super) fn tanh<M: MulAdd>(x: f64) -> f64 {
    // From 22 on it is 1 but for less than half a unit.
    let (high, low) = expm1_halved::<M>(-2.0 * at_most(x.abs(), 30.0));
    let (high, low) = sum_of_ordered(high, low);
    let (below, rest) = sum_of_ordered(1.0, high);
    let (value, more) = quotient::<M>((-high, -low), (below, rest + low));
    (value + more).copysign(x)
}
