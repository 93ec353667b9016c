//! Sine, cosine and tangent in f64.
//!
//! In: one number, in radians, at most [`REACH`] from 0. Out: one number, within 0.85 of a unit in the last place of the true
//! value (0.95 for the tangent). Beyond the reach it is nothing of use, and the caller asks std instead; of NaN it is NaN. No
//! branches: these are inlined into a loop that becomes vector code.
//!
//! Method: x = n·π/2 + r, |r| ≤ π/4 (Cody and Waite): π/2 comes in three parts of 33 bits, so that n times each is exact for n up
//! to 2^20, and a fourth for the rest. Of all the doubles in reach, the one closest to a multiple of π/2 is 2^-60.5 from it
//! (29·π/2; found by going through every n), and r is good to 2^-77 of itself or better, so that cancellation spoils nothing.
//! Sine and cosine of r are polynomials, one of them chosen by n; the tangent is their quotient, both in two parts.
//! Sources: method and coefficients of the polynomials are fdlibm's (`k_sin.c`, `k_cos.c`, `e_rem_pio2.c`).
//!
//! Not here: arguments beyond the reach; f32 (`single`); inverses (`inverse`).

use super::parts::{SHIFT, negate_if, polynomial, product, quotient, sum_of_ordered};
use crate::simd::MulAdd;

/// Up to here n is at most 2^20: 2^20·π/2.
pub(super) const REACH: f64 = 1_647_099.0;

/// π/2: three parts of 33 bits and the rest.
const QUARTER_TURN: [f64; 4] = [
    1.570_796_326_734_125_6,
    6.077_100_506_303_966e-11,
    2.022_266_248_711_166_5e-21,
    8.478_427_660_368_9e-32,
];

/// (sin r - r) / r³ in r².
const SIN: [f64; 6] = [
    -1.666_666_666_666_663_2e-1,
    8.333_333_333_322_49e-3,
    -1.984_126_982_985_795e-4,
    2.755_731_370_707_006_8e-6,
    -2.505_076_025_340_686_3e-8,
    1.589_690_995_211_55e-10,
];

/// (cos r - 1 + r²/2) / r⁴ in r².
const COS: [f64; 6] = [
    4.166_666_666_666_66e-2,
    -1.388_888_888_887_411e-3,
    2.480_158_728_947_673e-5,
    -2.755_731_435_139_066_3e-7,
    2.087_572_321_298_175e-9,
    -1.135_964_755_778_819_5e-11,
];

/// The quarter turns in x, of which the two lowest bits count, and what is left, `(high, low)`.
#[inline(always)]
fn reduce<M: MulAdd>(x: f64) -> (u64, f64, f64) {
    let shifted = M::mul_add(x, std::f64::consts::FRAC_2_PI, SHIFT);
    let n = shifted - SHIFT;
    let first = M::mul_add(-n, QUARTER_TURN[0], x);
    // What each difference loses is exact: either n times the part is the smaller of the two, or nothing is lost.
    let part = n * QUARTER_TURN[1];
    let second = first - part;
    let lost = (first - second) - part;
    let part = n * QUARTER_TURN[2];
    let third = second - part;
    let lost = lost + ((second - third) - part);
    let rest = M::mul_add(-n, QUARTER_TURN[3], lost);
    let (high, low) = sum_of_ordered(third, rest);
    (shifted.to_bits(), high, low)
}

/// sin(high + low) - high.
#[inline(always)]
fn sin_less_angle<M: MulAdd>(high: f64, low: f64, square: f64) -> f64 {
    let cube = square * high;
    let curve = M::mul_add(cube, polynomial::<M, _>(square, &SIN), low);
    // sin'(high) = 1 - high²/2 …
    M::mul_add(-0.5 * square, low, curve)
}

/// cos(high + low) as a pair; the first is 1 - high²/2 rounded.
#[inline(always)]
fn cos_in_parts<M: MulAdd>(high: f64, low: f64, square: f64) -> (f64, f64) {
    let half = 0.5 * square;
    let (first, lost) = sum_of_ordered(1.0, -half);
    let curve = M::mul_add(square * square, polynomial::<M, _>(square, &COS), -high * low);
    (first, lost + curve)
}

/// The sine of x and of n + `ahead` quarter turns more.
#[inline(always)]
fn sin_ahead<M: MulAdd>(x: f64, ahead: u64) -> f64 {
    let (n, high, low) = reduce::<M>(x);
    let n = n.wrapping_add(ahead);
    let square = high * high;
    let sin = high + sin_less_angle::<M>(high, low, square);
    let (first, second) = cos_in_parts::<M>(high, low, square);
    let value = if n & 1 == 0 { sin } else { first + second };
    negate_if(n & 2 != 0, value)
}

#[inline(always)]
pub(super) fn sin<M: MulAdd>(x: f64) -> f64 {
    let value = sin_ahead::<M>(x, 0);
    // For the sign of 0.
    if x == 0.0 { x } else { value }
}

#[inline(always)]
pub(super) fn cos<M: MulAdd>(x: f64) -> f64 {
    sin_ahead::<M>(x, 1)
}

#[inline(always)]
pub(super) fn tan<M: MulAdd>(x: f64) -> f64 {
    let (n, high, low) = reduce::<M>(x);
    let (square, lost) = product::<M>(high, high);
    let sin = sum_of_ordered(high, sin_less_angle::<M>(high, low, square));
    let (first, second) = cos_in_parts::<M>(high, low, square);
    let cos = sum_of_ordered(first, M::mul_add(-0.5, lost, second));
    // One quarter turn on, the tangent is -cos / sin.
    let odd = n & 1 != 0;
    let above = if odd { (-cos.0, -cos.1) } else { sin };
    let below = if odd { sin } else { cos };
    let (value, rest) = quotient::<M>(above, below);
    // For the sign of 0, and where the parts of a quotient may be no numbers.
    if x.abs() < 1.0 / (1u64 << 30) as f64 { x } else { value + rest }
}
