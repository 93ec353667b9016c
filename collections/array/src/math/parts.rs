//! Arithmetic that the functions share: powers of two from bits, rounding to an integer, polynomials, and what a rounded product,
//! sum or quotient has lost.
//!
//! In: numbers, by value. Out: numbers, or pairs `(high, low)` that stand for the exact or nearly exact sum `high + low`, with
//! `low` at most about half a unit in the last place of `high`. Everything is inlined and branches on nothing, so that a loop
//! over it becomes vector code.
//!
//! Not here: any function of mathematics. Sources: the error of a sum and of a product are Dekker's and Knuth's, as in
//! Muller et al., "Handbook of Floating-Point Arithmetic", chapter 4.

use crate::simd::MulAdd;

/// Adding this to a number below 2^51 leaves the nearest integer in the low bits: 1.5 · 2^52.
pub(super) const SHIFT: f64 = 6_755_399_441_055_744.0;

/// The nearest integer, ties to even, of a number below 2^51. No instruction set lacks what it takes, unlike `round`.
#[inline(always)]
pub(super) fn nearest(x: f64) -> f64 {
    (x + SHIFT) - SHIFT
}

/// 2^n for an integer n from -1022 to 1023: the exponent is moved into its place from the low bits.
#[inline(always)]
pub(super) fn power_of_two(n: f64) -> f64 {
    f64::from_bits((n + (SHIFT + 1023.0)).to_bits() << 52)
}

/// `x`, but not above `most`, and NaN as it is: `f64::min` would drop it.
#[inline(always)]
pub(super) fn at_most(x: f64, most: f64) -> f64 {
    if x > most { most } else { x }
}

/// `x`, but not below `least`, and NaN as it is.
#[inline(always)]
pub(super) fn at_least(x: f64, least: f64) -> f64 {
    if x < least { least } else { x }
}

/// `-x` if `negate`, without a multiplication.
#[inline(always)]
pub(super) fn negate_if(negate: bool, x: f64) -> f64 {
    if negate { -x } else { x }
}

/// `c[0] + c[1]·x + c[2]·x² + …`, by Horner's rule in x² for the even and the odd coefficients: two chains of half the length.
#[inline(always)]
pub(super) fn polynomial<M: MulAdd, const N: usize>(x: f64, c: &[f64; N]) -> f64 {
    let square = x * x;
    let (mut last, mut other) = (c[N - 1], c[N - 2]);
    let mut i = N - 2;
    while i >= 2 {
        i -= 2;
        last = M::mul_add(last, square, c[i + 1]);
        other = M::mul_add(other, square, c[i]);
    }
    if i == 0 {
        M::mul_add(last, x, other)
    } else {
        M::mul_add(last, square, M::mul_add(other, x, c[0]))
    }
}

/// Whether `M` rounds once. The compiler knows the answer and leaves one side of an `if` on it.
#[inline(always)]
fn rounds_once<M: MulAdd>() -> bool {
    const TINY: f64 = 1.0 / (1u64 << 30) as f64;
    // The product is 1 - 2^-60, which two roundings make 1.
    M::mul_add(1.0 + TINY, 1.0 - TINY, -1.0) != 0.0
}

/// The upper 26 of the 53 bits of `x`: products of two such are exact.
#[inline(always)]
fn upper_half(x: f64) -> f64 {
    f64::from_bits(x.to_bits() & 0xFFFF_FFFF_F800_0000)
}

/// `c - a * b` where `c` is that product but for a few units in the last place, so that the difference is a number.
#[inline(always)]
pub(super) fn residual<M: MulAdd>(a: f64, b: f64, c: f64) -> f64 {
    if rounds_once::<M>() {
        M::mul_add(-a, b, c)
    } else {
        let (a1, b1) = (upper_half(a), upper_half(b));
        let (a2, b2) = (a - a1, b - b1);
        (((c - a1 * b1) - a1 * b2) - a2 * b1) - a2 * b2
    }
}

/// `a * b` as `(high, low)`.
#[inline(always)]
pub(super) fn product<M: MulAdd>(a: f64, b: f64) -> (f64, f64) {
    let high = a * b;
    (high, -residual::<M>(a, b, high))
}

/// `a + b` as `(high, low)`, where `a` is 0 or |a| ≥ |b|.
#[inline(always)]
pub(super) fn sum_of_ordered(a: f64, b: f64) -> (f64, f64) {
    let high = a + b;
    (high, b - (high - a))
}

/// `a + b` as `(high, low)`.
#[inline(always)]
pub(super) fn sum(a: f64, b: f64) -> (f64, f64) {
    let high = a + b;
    let part = high - a;
    (high, (a - (high - part)) + (b - part))
}

/// The quotient of two pairs as a pair, with one division.
#[inline(always)]
pub(super) fn quotient<M: MulAdd>(above: (f64, f64), below: (f64, f64)) -> (f64, f64) {
    let inverse = 1.0 / below.0;
    let high = above.0 * inverse;
    // What is left of the dividend is exact, however the last bit of `high` fell.
    let left = residual::<M>(high, below.0, above.0) + (above.1 - high * below.1);
    (high, left * inverse)
}
