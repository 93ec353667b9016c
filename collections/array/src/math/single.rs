//! The functions for f32: computed in f64, with polynomials only as long as an f32 result needs.
//!
//! In: an f32, widened. Out: an f64 within 2^-28 of the true value (relatively), which the caller rounds to an f32, so that it is
//! within 0.54 of a unit in the last place, special values and gradual underflow included. No branches: these are inlined into a
//! loop that becomes vector code. Half as many elements fit in a vector, but nothing has to be carried along in two parts,
//! scaled twice or corrected: `exp`, `ln` and `sin` that stay in f32 were measured at 0.6 to 0.8 of the time, and are worse.
//!
//! Method: as in `exp`, `log`, `trig`, `inverse` and `hyperbolic`, without the low parts.
//! Sources: the coefficients are our own, by Remez exchange.
//!
//! Not here: f64; what std computes; the inverse hyperbolic functions, which are those of `area` as they are.

use super::log::{split, where_defined};
use super::parts::{SHIFT, at_least, at_most, nearest, negate_if, polynomial, power_of_two};
use crate::simd::MulAdd;
use std::f64::consts::{FRAC_2_PI, FRAC_PI_2, LN_2, LOG2_E, LOG10_E, PI};

pub(super) use super::area::{acosh, asinh, atanh};

/// 2^r for |r| ≤ 1/2, within 2^-29.
const EXP2: [f64; 7] = [
    0.9999999999184631,
    0.6931472067364486,
    0.24022651509220264,
    0.05550327150706441,
    0.009617994020679452,
    0.0013400458568636712,
    0.00015478164170072453,
];

/// (e^r - 1 - r) / r² for |r| ≤ ln 2 / 2.
const EXP: [f64; 6] = [
    0.5000000046362463,
    0.16666666816957154,
    0.04166635476399683,
    0.008333273064698329,
    0.001394100479709826,
    0.00019914170122241657,
];

/// ln(1 + f) / f for 1 + f from √½ to √2, within 2^-30.
const LN: [f64; 11] = [
    1.0000000006481307,
    -0.49999999984129373,
    0.3333330098788647,
    -0.24999983719738425,
    0.20002589765539971,
    -0.1666954828537538,
    0.14213438251815252,
    -0.12377705948089145,
    0.11898616957404463,
    -0.11831747862070711,
    0.06912522131785538,
];

/// (sin r - r) / r³ and (cos r - 1) / r² in r², for |r| ≤ π/4.
const SIN: [f64; 4] =
    [-0.1666666664161807, 0.008333329384870787, -0.00019839334499303031, 2.7183082279823733e-06];
const COS: [f64; 4] =
    [-0.4999999969437003, 0.041666620345081014, -0.0013886681259292328, 2.4383530108658156e-05];

/// arctan t / t in t², for t up to 1, within 2^-31.
const ATAN: [f64; 11] = [
    0.9999999996670291,
    -0.33333324717454077,
    0.1999963057640871,
    -0.14279492907787156,
    0.11056674032244078,
    -0.08806904230759836,
    0.06734628957636941,
    -0.044618489918395364,
    0.022496549228369158,
    -0.007304089673355361,
    0.0011120773238593184,
];

/// arcsin s / s in s², for s up to 1/2, within 2^-31.
const ASIN: [f64; 7] = [
    1.000000000260821,
    0.1666665676930481,
    0.07500612232830049,
    0.04450170496598079,
    0.031911423967945274,
    0.014101841143943434,
    0.03793566496442706,
];

/// (sinh r - r) / r³ and (cosh r - 1 - r²/2) / r⁴ in r², for |r| ≤ ln 2 / 2.
const SINH: [f64; 3] = [0.16666666754594858, 0.008333288938347384, 0.00019904972668452852];
const COSH: [f64; 2] = [0.04166645944006589, 0.0013935410164465595];

/// π/2: 33 bits, so that up to 2^20 times them is exact, and the rest.
const QUARTER_TURN: (f64, f64) = (1.570_796_326_734_125_6, 6.077_100_506_506_192e-11);

#[inline(always)]
pub(super) fn exp2<M: MulAdd>(x: f64) -> f64 {
    // Far enough for 0 and infinity in f32, and everything between is a number in f64.
    let x = at_least(at_most(x, 200.0), -200.0);
    let n = nearest(x);
    polynomial::<M, _>(x - n, &EXP2) * power_of_two(n)
}

#[inline(always)]
pub(super) fn exp<M: MulAdd>(x: f64) -> f64 {
    exp2::<M>(x * LOG2_E)
}

#[inline(always)]
pub(super) fn exp_m1<M: MulAdd>(x: f64) -> f64 {
    let x = at_least(at_most(x, 100.0), -100.0);
    let n = nearest(x * LOG2_E);
    let r = M::mul_add(-n, LN_2, x);
    let curve = M::mul_add(r * r, polynomial::<M, _>(r, &EXP), r);
    let power = power_of_two(n);
    M::mul_add(power, curve, power - 1.0).copysign(x)
}

/// ln x as k·ln 2 plus the second.
#[inline(always)]
fn ln_in_parts<M: MulAdd>(x: f64) -> (f64, f64) {
    let (k, f) = split(x);
    (k, f * polynomial::<M, _>(f, &LN))
}

#[inline(always)]
pub(super) fn ln<M: MulAdd>(x: f64) -> f64 {
    let (k, rest) = ln_in_parts::<M>(x);
    where_defined(x, M::mul_add(k, LN_2, rest))
}

#[inline(always)]
pub(super) fn log2<M: MulAdd>(x: f64) -> f64 {
    let (k, rest) = ln_in_parts::<M>(x);
    where_defined(x, M::mul_add(rest, LOG2_E, k))
}

#[inline(always)]
pub(super) fn log10<M: MulAdd>(x: f64) -> f64 {
    let (k, rest) = ln_in_parts::<M>(x);
    where_defined(x, M::mul_add(k, LN_2, rest) * LOG10_E)
}

#[inline(always)]
pub(super) fn ln_1p<M: MulAdd>(x: f64) -> f64 {
    let (k, f) = split(1.0 + x);
    // Where 1 + x may have lost bits of x, x is f.
    let f = if k == 0.0 { x } else { f };
    let value = M::mul_add(k, LN_2, f * polynomial::<M, _>(f, &LN));
    where_defined(1.0 + x, value).copysign(x)
}

/// The quarter turns in x, of which the two lowest bits count, and sine and cosine of what is left.
#[inline(always)]
fn sin_cos<M: MulAdd>(x: f64) -> (u64, f64, f64) {
    let shifted = M::mul_add(x, FRAC_2_PI, SHIFT);
    let n = shifted - SHIFT;
    let r = M::mul_add(-n, QUARTER_TURN.1, M::mul_add(-n, QUARTER_TURN.0, x));
    let square = r * r;
    // A product, for the sign of 0.
    let sin = r * M::mul_add(square, polynomial::<M, _>(square, &SIN), 1.0);
    let cos = M::mul_add(square, polynomial::<M, _>(square, &COS), 1.0);
    (shifted.to_bits(), sin, cos)
}

#[inline(always)]
pub(super) fn sin<M: MulAdd>(x: f64) -> f64 {
    let (n, sin, cos) = sin_cos::<M>(x);
    negate_if(n & 2 != 0, if n & 1 == 0 { sin } else { cos })
}

#[inline(always)]
pub(super) fn cos<M: MulAdd>(x: f64) -> f64 {
    let (n, sin, cos) = sin_cos::<M>(x);
    negate_if(n.wrapping_add(1) & 2 != 0, if n & 1 == 0 { cos } else { sin })
}

#[inline(always)]
pub(super) fn tan<M: MulAdd>(x: f64) -> f64 {
    let (n, sin, cos) = sin_cos::<M>(x);
    let odd = n & 1 != 0;
    (if odd { -cos } else { sin }) / (if odd { sin } else { cos })
}

/// The angle of (x, y), neither negative and not both 0, infinite ones only together with finite ones.
#[inline(always)]
fn angle<M: MulAdd>(y: f64, x: f64) -> f64 {
    let steep = y > x;
    let t = if steep { x } else { y } / if steep { y } else { x };
    let value = t * polynomial::<M, _>(t * t, &ATAN);
    if steep { FRAC_PI_2 - value } else { value }
}

#[inline(always)]
pub(super) fn atan<M: MulAdd>(x: f64) -> f64 {
    angle::<M>(x.abs(), 1.0).copysign(x)
}

#[inline(always)]
pub(super) fn atan2<M: MulAdd>(y: f64, x: f64) -> f64 {
    let (height, width) = (y.abs(), x.abs());
    // As if to the right if both are 0, as if equal if both are infinite: no f32 is 1e300.
    let width = if height + width == 0.0 { 1.0 } else { at_most(width, 1e300) };
    let value = angle::<M>(at_most(height, 1e300), width);
    (if x.is_sign_negative() { PI - value } else { value }).copysign(y)
}

#[inline(always)]
pub(super) fn hypot<M: MulAdd>(x: f64, y: f64) -> f64 {
    let value = M::mul_add(x, x, y * y).sqrt();
    // Infinite, even if the other is NaN.
    if x.abs() == f64::INFINITY || y.abs() == f64::INFINITY { f64::INFINITY } else { value }
}

/// The arc sine of |x|, or of √((1 - |x|) / 2) from 1/2 on (`true`).
#[inline(always)]
fn asin_or_halved<M: MulAdd>(x: f64) -> (f64, bool) {
    let size = x.abs();
    let halved = size >= 0.5;
    let square = if halved { 0.5 - 0.5 * size } else { size * size };
    let s = if halved { square.sqrt() } else { size };
    (s * polynomial::<M, _>(square, &ASIN), halved)
}

#[inline(always)]
pub(super) fn asin<M: MulAdd>(x: f64) -> f64 {
    let (value, halved) = asin_or_halved::<M>(x);
    (if halved { FRAC_PI_2 - 2.0 * value } else { value }).copysign(x)
}

#[inline(always)]
pub(super) fn acos<M: MulAdd>(x: f64) -> f64 {
    let (value, halved) = asin_or_halved::<M>(x);
    let left = x < 0.0;
    let far = if left { PI - 2.0 * value } else { 2.0 * value };
    if halved { far } else { FRAC_PI_2 - negate_if(left, value) }
}

/// Half of 2^n and of 2^-n, and sinh and cosh of r, where |x| = n·ln 2 + r.
#[inline(always)]
fn hyperbolic<M: MulAdd>(x: f64) -> (f64, f64, f64, f64) {
    let size = at_most(x.abs(), 100.0);
    let n = nearest(size * LOG2_E);
    let r = M::mul_add(-n, LN_2, size);
    let square = r * r;
    let sinh = M::mul_add(square * r, polynomial::<M, _>(square, &SINH), r);
    let curve = M::mul_add(square, polynomial::<M, _>(square, &COSH), 0.5);
    let cosh = M::mul_add(square, curve, 1.0);
    (power_of_two(n - 1.0), power_of_two(-1.0 - n), sinh, cosh)
}

#[inline(always)]
pub(super) fn sinh<M: MulAdd>(x: f64) -> f64 {
    let (a, b, sinh, cosh) = hyperbolic::<M>(x);
    M::mul_add(a - b, cosh, (a + b) * sinh).copysign(x)
}

#[inline(always)]
pub(super) fn cosh<M: MulAdd>(x: f64) -> f64 {
    let (a, b, sinh, cosh) = hyperbolic::<M>(x);
    M::mul_add(a + b, cosh, (a - b) * sinh)
}

#[inline(always)]
pub(super) fn tanh<M: MulAdd>(x: f64) -> f64 {
    let e = exp_m1::<M>(-2.0 * x.abs());
    (-e / (2.0 + e)).copysign(x)
}
