//! Logarithms in f64: natural, of 1 + x, to base 2 and 10.
//!
//! In: one number. Out: one number, within 0.9 of a unit in the last place of the true value. No branches: these are inlined
//! into a loop that becomes vector code.
//!
//! Method: x = 2^k·(1 + f) with 1 + f between √½ and √2; with s = f / (2 + f), ln(1 + f) = f - f²/2 + s·(f²/2 + R(s²)). The sum
//! with k·ln 2, in two parts, is done so that one rounding matters. To other bases the logarithm is cut in two and multiplied
//! by a constant in two parts.
//! Sources: method, coefficients of R and constants are those of fdlibm (`e_log.c`, `s_log1p.c`) and of FreeBSD's msun
//! (`e_log2.c`, `e_log10.c`).
//!
//! Not here: f32 (`single`), inverse hyperbolic functions (`area`).

use super::parts::{polynomial, sum, sum_of_ordered};
use crate::simd::MulAdd;

/// ln 2, log10 2, 1 / ln 2 and 1 / ln 10, each a short part and the rest. k times the first two is exact for an exponent k.
const LN_2: (f64, f64) = (0.693_147_180_369_123_8, 1.908_214_929_270_587_7e-10);
const LOG10_2: (f64, f64) = (0.301_029_995_663_611_77, 3.694_239_077_158_931e-13);
const PER_LN_2: (f64, f64) = (1.442_695_040_721_446_3, 1.675_171_316_488_651_2e-10);
const PER_LN_10: (f64, f64) = (4.342_944_818_781_689e-1, 2.508_294_671_164_527_5e-11);

/// R(z) / z, within 2^-58.
const R: [f64; 7] = [
    6.666_666_666_666_735e-1,
    3.999_999_999_940_942e-1,
    2.857_142_874_366_239e-1,
    2.222_219_843_214_978_4e-1,
    1.818_357_216_161_805e-1,
    1.531_383_769_920_937_3e-1,
    1.479_819_860_511_658_6e-1,
];

/// x as 2^k·(1 + f), with 1 + f from √½ to √2: `(k, f)`. x is a positive number and no subnormal one.
#[inline(always)]
pub(super) fn split(x: f64) -> (f64, f64) {
    const FRACTION: u64 = (1 << 52) - 1;
    const ONE: u64 = 1.0f64.to_bits();
    const ROOT: u64 = std::f64::consts::FRAC_1_SQRT_2.to_bits();
    const BASE: f64 = (1u64 << 52) as f64;
    // Moved so that a step of the exponent falls on √½ and not on 1.
    let moved = x.to_bits().wrapping_add(ONE - ROOT);
    // The exponent as the low bits of a number is that number less the base.
    let k = f64::from_bits((moved >> 52) | BASE.to_bits()) - (BASE + 1023.0);
    (k, f64::from_bits((moved & FRACTION).wrapping_add(ROOT)) - 1.0)
}

/// [`split`], for subnormal numbers too.
#[inline(always)]
fn split_any(x: f64) -> (f64, f64) {
    const UP: f64 = (1u64 << 54) as f64;
    let subnormal = x < f64::MIN_POSITIVE;
    let (k, f) = split(if subnormal { x * UP } else { x });
    (if subnormal { k - 54.0 } else { k }, f)
}

/// `(s·(f²/2 + R), f²/2)`: ln(1 + f) is f less the second, plus the first.
#[inline(always)]
fn series<M: MulAdd>(f: f64) -> (f64, f64) {
    let s = f / (2.0 + f);
    let z = s * s;
    let half_square = 0.5 * f * f;
    (s * M::mul_add(z, polynomial::<M, _>(z, &R), half_square), half_square)
}

/// `value`, a logarithm of x, unless x is what has none: 0, negative, infinite, NaN.
#[inline(always)]
pub(super) fn where_defined(x: f64, value: f64) -> f64 {
    let otherwise = if x < 0.0 { f64::NAN } else { x };
    let otherwise = if x == 0.0 { f64::NEG_INFINITY } else { otherwise };
    if x > 0.0 && x < f64::INFINITY { value } else { otherwise }
}

#[inline(always)]
pub(super) fn ln<M: MulAdd>(x: f64) -> f64 {
    let (k, f) = split_any(x);
    let (series, half_square) = series::<M>(f);
    let (high, rest) = sum_of_ordered(k * LN_2.0, f);
    let low = half_square - M::mul_add(k, LN_2.1, series);
    where_defined(x, high + (rest - low))
}

#[inline(always)]
pub(super) fn ln_1p<M: MulAdd>(x: f64) -> f64 {
    // The zeros that the compiler may leave out of a sum.
    ln_1p_of_pair::<M>((x, -0.0), -0.0).copysign(x)
}

/// ln(1 + x) + n·ln 2, with the sum of a pair as x.
#[inline(always)]
pub(super) fn ln_1p_of_pair<M: MulAdd>((x, low): (f64, f64), n: f64) -> f64 {
    // 1 + x is u + lost; ln(u + lost) is ln u + lost / u.
    let (u, lost) = sum(1.0, x);
    let (k, f) = split(u);
    let k = k + n;
    let (series, half_square) = series::<M>(f);
    let lost = if u < 1e18 { (lost + low) / u } else { 0.0 };
    let (high, rest) = sum_of_ordered(k * LN_2.0, f);
    let low = half_square - (M::mul_add(k, LN_2.1, lost) + series);
    where_defined(u, high + (rest - low))
}

/// k times `unit` plus ln(1 + f) times `factor`, both in two parts.
#[inline(always)]
fn to_base<M: MulAdd>(x: f64, unit: (f64, f64), factor: (f64, f64)) -> f64 {
    let (k, f) = split_any(x);
    let (series, half_square) = series::<M>(f);
    // So few bits that a product with a short part is exact.
    let high = f64::from_bits((f - half_square).to_bits() & 0xFFFF_FFFF_0000_0000);
    let low = ((f - high) - half_square) + series;
    let rest = M::mul_add(k, unit.1, M::mul_add(low + high, factor.1, low * factor.0));
    let (sum, lost) = sum_of_ordered(k * unit.0, high * factor.0);
    where_defined(x, sum + (rest + lost))
}

#[inline(always)]
pub(super) fn log2<M: MulAdd>(x: f64) -> f64 {
    to_base::<M>(x, (1.0, 0.0), PER_LN_2)
}

#[inline(always)]
pub(super) fn log10<M: MulAdd>(x: f64) -> f64 {
    to_base::<M>(x, LOG10_2, PER_LN_10)
}
