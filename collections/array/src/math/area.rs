//! Inverse hyperbolic functions (area functions) in f64.
//!
//! In: one number. Out: one number, within 0.9 of a unit in the last place of the true value (the most that was seen, of a
//! million numbers for each, is 0.82). No branches: these are inlined into a loop that becomes vector code.
//!
//! Method: each is the logarithm of 1 + y, where y loses no digits in pairs `(high, low)`:
//! asinh |x| with y = |x| + x² / (1 + √(1 + x²)), acosh x with y = (x - 1) + √(x² - 1), and half of it for atanh |x| with
//! y = 2|x| / (1 - |x|). Where x² is so large that 1 is nothing beside it, the first two are ln |x| + ln 2.
//! Sources: the identities are textbook ones (Kahan, "Branch cuts for complex elementary functions", 1987).
//!
//! Not here: the logarithm itself (`log`); f32, which is this rounded.

use super::log::ln_1p_of_pair;
use super::parts::{product, quotient, residual, sum, sum_of_ordered};
use crate::simd::MulAdd;

/// From here on `√(x² ± 1)` is x, and below the inverse of it asinh and atanh are x: the next term is less than 2^-57 of the first.
const LARGE: f64 = (1_u64 << 28) as f64;

/// The square root of a pair, as a pair.
#[inline(always)]
fn root<M: MulAdd>((high, low): (f64, f64)) -> (f64, f64) {
    let root = high.sqrt();
    let left = residual::<M>(root, root, high) + low;
    (root, if root > 0.0 { left / (root + root) } else { 0.0 })
}

/// x² + `one` as a pair, where that is 1 or -1.
#[inline(always)]
fn square_and<M: MulAdd>(x: f64, one: f64) -> (f64, f64) {
    let (high, low) = product::<M>(x, x);
    let (high, rest) = sum(high, one);
    sum_of_ordered(high, rest + low)
}

/// ln(1 + y), or that of 2·`size` where it is [`LARGE`].
#[inline(always)]
fn ln_1p_or_of_twice<M: MulAdd>(size: f64, y: (f64, f64)) -> f64 {
    let is_large = size >= LARGE;
    let y = if is_large { (size, -1.0) } else { y };
    ln_1p_of_pair::<M>(y, if is_large { 1.0 } else { 0.0 })
}

#[inline(always)]
pub(super) fn asinh<M: MulAdd>(x: f64) -> f64 {
    let size = x.abs();
    let root = root::<M>(square_and::<M>(size, 1.0));
    let (below, rest) = sum_of_ordered(root.0, 1.0);
    let (high, low) = quotient::<M>(product::<M>(size, size), (below, rest + root.1));
    let (high, rest) = sum_of_ordered(size, high);
    let value = ln_1p_or_of_twice::<M>(size, (high, rest + low));
    if size < 1.0 / LARGE { x } else { value.copysign(x) }
}

#[inline(always)]
pub(super) fn acosh<M: MulAdd>(x: f64) -> f64 {
    let root = root::<M>(square_and::<M>(x, -1.0));
    let (high, low) = sum(x, -1.0);
    let (high, rest) = sum_of_ordered(root.0, high);
    let value = ln_1p_or_of_twice::<M>(x, (high, rest + (low + root.1)));
    if x < 1.0 { f64::NAN } else { value }
}

#[inline(always)]
pub(super) fn atanh<M: MulAdd>(x: f64) -> f64 {
    let size = x.abs();
    let y = quotient::<M>((2.0 * size, 0.0), sum_of_ordered(1.0, -size));
    let value = 0.5 * ln_1p_of_pair::<M>(y, 0.0);
    if size < 1.0 / LARGE { x } else { value.copysign(x) }
}
