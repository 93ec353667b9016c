//! Inverse sine, cosine and tangent in f64, and the two functions of a point in the plane: its angle and its distance.
//!
//! In: one number, or y and x. Out: one number, within 0.9 of a unit in the last place of the true value (`atan2` without a
//! fused multiply-add: 1.2). No branches: these are inlined into a loop that becomes vector code.
//!
//! Method, arc tangent: the angle of (x, y) is that of one of five directions c, with tangents 0, 1/2, 1, 3/2 and infinite, plus
//! the arc tangent of t = (y - c·x) / (x + c·y), which is small. The arc tangent of a number v is the angle of (1, v).
//! Method, arc sine: for |x| < 1/2, x + x·R(x²); else π/2 - 2·arcsin √((1 - |x|) / 2), the root in two parts.
//! Sources: method and coefficients are fdlibm's (`s_atan.c`, `e_asin.c`, `e_acos.c`), changed so that each has one division.
//!
//! Not here: f32 (`single`).

use super::parts::{negate_if, polynomial, product, quotient, residual, sum_of_ordered};
use crate::simd::MulAdd;
use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI};

/// What `PI` lacks of π.
const PI_REST: f64 = 1.224_646_799_147_353_2e-16;
/// arctan 1/2 and arctan 3/2, and what they lack.
const ATAN_HALF: (f64, f64) = (0.463_647_609_000_806_1, 2.269_877_745_296_168_7e-17);
const ATAN_THREE_HALVES: (f64, f64) = (0.982_793_723_247_329, 1.390_331_103_123_099_8e-17);

/// (t - arctan t) / t³ in t², for |t| ≤ 7/16.
const ATAN: [f64; 11] = [
    3.333_333_333_333_293e-1,
    -1.999_999_999_987_648_3e-1,
    1.428_571_427_250_346_6e-1,
    -1.111_111_040_546_235_6e-1,
    9.090_887_133_436_507e-2,
    -7.691_876_205_044_83e-2,
    6.661_073_137_387_531e-2,
    -5.833_570_133_790_573_5e-2,
    4.976_877_994_615_932_4e-2,
    -3.653_157_274_421_691_6e-2,
    1.628_582_011_536_578_2e-2,
];

/// R(z) = z·P(z) / Q(z), for z ≤ 1/4: arcsin s = s + s·R(s²).
const ASIN_P: [f64; 6] = [
    1.666_666_666_666_666_6e-1,
    -3.255_658_186_224_009e-1,
    2.012_125_321_348_629_3e-1,
    -4.005_553_450_067_941e-2,
    7.915_349_942_898_145e-4,
    3.479_331_075_960_212e-5,
];
const ASIN_Q: [f64; 5] = [
    1.0,
    -2.403_394_911_734_414,
    2.020_945_760_233_505_7,
    -6.882_839_716_054_533e-1,
    7.703_815_055_590_194e-2,
];

/// A fraction to take the arc tangent of, and the angle, in two parts, to add to it.
struct Turned {
    above: f64,
    below: f64,
    angle: (f64, f64),
}

/// The direction nearest to (x, y) out of five, and the point turned back by it. Neither is negative, one is positive.
#[inline(always)]
fn turn<M: MulAdd>(y: f64, x: f64) -> Turned {
    let mut tangent = 0.0;
    let mut angle = (0.0, 0.0);
    let mut is_beyond = |limit: f64, next: f64, its_angle: (f64, f64)| {
        let beyond = y >= limit * x;
        tangent = if beyond { next } else { tangent };
        angle.0 = if beyond { its_angle.0 } else { angle.0 };
        angle.1 = if beyond { its_angle.1 } else { angle.1 };
        beyond
    };
    is_beyond(0.4375, 0.5, ATAN_HALF);
    is_beyond(0.6875, 1.0, (FRAC_PI_4, 0.25 * PI_REST));
    is_beyond(1.1875, 1.5, ATAN_THREE_HALVES);
    // The last direction is up: turned back by it, (x, y) is (y, -x).
    let up = is_beyond(2.4375, 1.5, (FRAC_PI_2, 0.5 * PI_REST));
    let above = M::mul_add(-tangent, x, y);
    let below = M::mul_add(tangent, y, x);
    Turned { above: if up { -x } else { above }, below: if up { y } else { below }, angle }
}

/// `angle + arctan(t + lost)`.
#[inline(always)]
fn angle_plus_atan<M: MulAdd>(angle: (f64, f64), t: f64, lost: f64) -> f64 {
    let square = t * t;
    let curve = t * (square * polynomial::<M, _>(square, &ATAN));
    angle.0 - ((curve - (angle.1 + lost)) - t)
}

#[inline(always)]
pub(super) fn atan<M: MulAdd>(x: f64) -> f64 {
    // From here on the arc tangent is π/2, and an infinite x would be no fraction.
    let size = if x.abs() > 1e18 { 1e18 } else { x.abs() };
    let turned = turn::<M>(size, 1.0);
    angle_plus_atan::<M>(turned.angle, turned.above / turned.below, 0.0).copysign(x)
}

/// The factor, a power of two, that brings a positive number well inside the range, and the one that brings it back.
#[inline(always)]
fn to_the_middle(size: f64) -> (f64, f64) {
    const UP: f64 = f64::from_bits((1023 + 600) << 52);
    const LARGE: f64 = f64::from_bits((1023 + 400) << 52);
    if size > LARGE {
        (1.0 / UP, UP)
    } else if size < 1.0 / LARGE {
        (UP, 1.0 / UP)
    } else {
        (1.0, 1.0)
    }
}

#[inline(always)]
pub(super) fn atan2<M: MulAdd>(y: f64, x: f64) -> f64 {
    let (height, width) = (y.abs(), x.abs());
    let larger = if height > width { height } else { width };
    // An infinite one is 1, and the other 0 unless it is infinite too; NaN stays.
    let infinite = larger == f64::INFINITY;
    let one = |v: f64| if v == f64::INFINITY { 1.0 } else { v * 0.0 };
    let (factor, _) = to_the_middle(larger);
    let height = if infinite { one(height) } else { height * factor };
    let width = if infinite { one(width) } else { width * factor };
    // Both 0: as if to the right.
    let width = if larger == 0.0 { 1.0 } else { width };
    let turned = turn::<M>(height, width);
    let (t, lost) = quotient::<M>((turned.above, 0.0), (turned.below, 0.0));
    // To the left: π less the angle.
    let left = x.is_sign_negative();
    let (high, rest) = sum_of_ordered(PI, -turned.angle.0);
    let low = (rest + PI_REST) - turned.angle.1;
    let angle = if left { (high, low) } else { turned.angle };
    angle_plus_atan::<M>(angle, negate_if(left, t), negate_if(left, lost)).copysign(y)
}

#[inline(always)]
pub(super) fn hypot<M: MulAdd>(x: f64, y: f64) -> f64 {
    let (x, y) = (x.abs(), y.abs());
    let larger = if x < y { y } else { x };
    let smaller = if x < y { x } else { y };
    let (factor, back) = to_the_middle(larger);
    let (first, first_rest) = product::<M>(larger * factor, larger * factor);
    let (second, second_rest) = product::<M>(smaller * factor, smaller * factor);
    let (sum, lost) = sum_of_ordered(first, second);
    let value = (sum + (lost + (first_rest + second_rest))).sqrt() * back;
    // Infinite, even if the other is NaN.
    if x == f64::INFINITY || y == f64::INFINITY { f64::INFINITY } else { value }
}

/// The arc sine of |x|, or of √((1 - |x|) / 2) from 1/2 on (`halved`), as `(high, low, halved)`.
#[inline(always)]
fn asin_in_parts<M: MulAdd>(x: f64) -> (f64, f64, bool) {
    let size = x.abs();
    let halved = size >= 0.5;
    let square = if halved { 0.5 - 0.5 * size } else { size * size };
    let root = square.sqrt();
    let high = if halved { root } else { size };
    // One division for both: R = square·P / Q, and what the root lacks, residual / (2·root). None of it if the root is 0.
    let divisor = if halved && root > 0.0 { root } else { 1.0 };
    let (p, q) = (polynomial::<M, _>(square, &ASIN_P), polynomial::<M, _>(square, &ASIN_Q));
    let inverse = 1.0 / (q * divisor);
    let lacks = 0.5 * residual::<M>(root, root, square) * (q * inverse);
    let curve = high * ((square * p) * (divisor * inverse));
    (high, if halved { curve + lacks } else { curve }, halved)
}

#[inline(always)]
pub(super) fn asin<M: MulAdd>(x: f64) -> f64 {
    let (high, low, halved) = asin_in_parts::<M>(x);
    let base = if halved { (FRAC_PI_2, 0.5 * PI_REST) } else { (0.0, 0.0) };
    let factor = if halved { -2.0 } else { 1.0 };
    let (sum, rest) = sum_of_ordered(base.0, factor * high);
    (sum + (rest + M::mul_add(factor, low, base.1))).copysign(x)
}

#[inline(always)]
pub(super) fn acos<M: MulAdd>(x: f64) -> f64 {
    let (high, low, halved) = asin_in_parts::<M>(x);
    let left = x < 0.0;
    // π/2 - arcsin x, or twice the halved angle, or π less that.
    let far = if left { (PI, PI_REST) } else { (0.0, 0.0) };
    let base = if halved { far } else { (FRAC_PI_2, 0.5 * PI_REST) };
    let factor = if halved { 2.0 } else { -1.0 };
    let factor = negate_if(left, factor);
    let (sum, rest) = sum_of_ordered(base.0, factor * high);
    sum + (rest + M::mul_add(factor, low, base.1))
}
