//! e^x, 2^x and e^x - 1 in f64.
//!
//! In: one number. Out: one number, within 0.7 of a unit in the last place of the true value (0.8 where it is subnormal; 1 for
//! e^x - 1). No branches: these are inlined into a loop that becomes vector code.
//!
//! Method: x = n·ln 2 + r with n an integer and |r| ≤ ln 2 / 2; e^r = 1 + r + r²·Q(r); the result is 2^n·e^r. ln 2 comes in two
//! parts, the first so short that n times it is exact (Cody and Waite); what r loses is carried along as `low`.
//! Sources: the two parts of ln 2 are fdlibm's; the coefficients of Q are our own, by Remez exchange.
//!
//! Not here: the hyperbolic functions (they build on [`expm1_halved`] and [`reduce`]); f32 (`single`).

use super::parts::{
    at_least, at_most, nearest, polynomial, power_of_two, product, sum, sum_of_ordered,
};
use crate::simd::MulAdd;

/// The first 32 bits of ln 2, and the rest.
const LN_2: (f64, f64) = (0.693_147_180_369_123_8, 1.908_214_929_270_587_7e-10);
/// What `std::f64::consts::LN_2` lacks of ln 2.
const LN_2_REST: f64 = 2.319_046_813_846_299_6e-17;

/// (e^r - 1 - r) / r² for |r| ≤ ln 2 / 2, r times it within 2^-60.
const EXP: [f64; 11] = [
    0.5,
    0.16666666666666677,
    0.0416666666666667,
    0.008333333333321617,
    0.001388888888886688,
    0.0001984126988616172,
    2.4801587360538166e-05,
    2.7557244173710298e-06,
    2.755724273472004e-07,
    2.510904925175475e-08,
    2.0924460327226592e-09,
];

/// (2^r - 1 - r·ln 2) / r² for |r| ≤ 1/2, r times it within 2^-55.
const EXP2: [f64; 10] = [
    0.24022650695910097,
    0.055504108664821646,
    0.009618129107607008,
    0.0013333558146398441,
    0.0001540353044161257,
    1.5252733851590705e-05,
    1.3215442637761426e-06,
    1.0178052260566846e-07,
    7.072579186067981e-09,
    4.4566133266654287e-10,
];

/// x as n·ln 2 + (high + low): `(n, high, low)`, high + low at most ln 2 / 2. For |x| up to 2^20.
#[inline(always)]
pub(super) fn reduce<M: MulAdd>(x: f64) -> (f64, f64, f64) {
    let n = nearest(x * std::f64::consts::LOG2_E);
    // Exact, for n times the short part is, and close to x.
    (n, M::mul_add(-n, LN_2.0, x), -n * LN_2.1)
}

/// y·2^n, for n from -1086 to 1087 and y close to 1. 2^n itself may be too large or too small for a number; 2^(n ± 64) is not.
#[inline(always)]
fn scale(y: f64, n: f64) -> f64 {
    const UP: f64 = (1u128 << 64) as f64;
    let (towards_zero, back) = if n < 0.0 { (64.0, 1.0 / UP) } else { (-64.0, UP) };
    (y * power_of_two(n + towards_zero)) * back
}

#[inline(always)]
pub(super) fn exp<M: MulAdd>(x: f64) -> f64 {
    // Beyond these the result is 0 or infinite, and comes out so.
    let x = at_least(at_most(x, 710.0), -746.0);
    let (n, high, low) = reduce::<M>(x);
    let r = high + low;
    let curve = M::mul_add(r * r, polynomial::<M, _>(r, &EXP), low);
    let (sum, rest) = sum_of_ordered(1.0, high);
    scale(sum + (rest + curve), n)
}

#[inline(always)]
pub(super) fn exp2<M: MulAdd>(x: f64) -> f64 {
    let x = at_least(at_most(x, 1025.0), -1076.0);
    let n = nearest(x);
    let r = x - n;
    let (high, low) = product::<M>(r, std::f64::consts::LN_2);
    let low = M::mul_add(r, LN_2_REST, low);
    let curve = M::mul_add(r * r, polynomial::<M, _>(r, &EXP2), low);
    let (sum, rest) = sum_of_ordered(1.0, high);
    scale(sum + (rest + curve), n)
}

/// (e^x - 1) / 2 as `(high, low)`, `low` not yet small, for x from -700 to 710. The half keeps the power of two within reach.
#[inline(always)]
pub(super) fn expm1_halved<M: MulAdd>(x: f64) -> (f64, f64) {
    let (n, high, low) = reduce::<M>(x);
    let (r, low) = sum_of_ordered(high, low);
    // The derivative of e^r is 1 + r …
    let low = M::mul_add(r, low, low);
    let curve = M::mul_add(r * r, polynomial::<M, _>(r, &EXP), low);
    let power = power_of_two(n - 1.0);
    // 2^(n-1)·e^r - 1/2: the powers of two are taken from each other first. If n = 0, they are gone.
    let (base, lost) = sum(power, -0.5);
    let (high, rest) = sum_of_ordered(base, power * r);
    (high, M::mul_add(power, curve, rest + lost))
}

#[inline(always)]
pub(super) fn exp_m1<M: MulAdd>(x: f64) -> f64 {
    let (high, low) = expm1_halved::<M>(at_least(at_most(x, 710.0), -60.0));
    // Where half of x may be no number, and for the sign of 0, x itself.
    if x.abs() < 1.0 / (1u64 << 54) as f64 { x } else { 2.0 * (high + low) }
}
