//! Division by one number for all elements of a tile.
//!
//! In: numbers and what all of them are divided by. Out: their quotients, the same to the last bit as divided one by one. Of `f64` a divider of the processor
//! takes three to eight times as long as multiplications by the reciprocal `r` would, which is not the same number; two fused steps make it so: with `q = x r`,
//! rounded, `q + (x - q d) r` is the quotient rounded correctly.
//!
//! P. W. Markstein, "Computation of elementary functions on the IBM RISC System/6000 processor", IBM J. Res. Dev. 34 (1990); N. Brisebarre, J.-M. Muller,
//! S. K. Raina, "Accelerating correctly rounded floating-point division when the divisor is known in advance", IEEE Trans. Comput. 53 (2004).
//!
//! The steps are exact only where nothing overflows and nothing becomes subnormal: blocks in which a quotient is out of [`LEAST`] to its reciprocal are divided as
//! usual, and so is everything by a divisor that is far from 1, and on processors without fused multiply-add.
//!
//! Not here: divisions of other types, and of two arrays (`kernels`).

use crate::ahead::{BLOCK, Values};
use crate::element::Number;
use crate::kernels::{Kernel, map2};
use crate::simd::{self, MulAdd, dispatch};
use crate::tile::{Arg, Dest, Operand, Tile};
use std::any::TypeId;
use std::marker::PhantomData;

/// 2^-800: quotients from it to its reciprocal have exact remainders, if the divisor is from [`LEAST_DIVISOR`] to its reciprocal.
const LEAST: f64 = f64::from_bits((1023 - 800) << 52);
/// 2^-100.
const LEAST_DIVISOR: f64 = f64::from_bits((1023 - 100) << 52);

/// The quotient of two operands.
pub(crate) struct Divide<A>(pub(crate) PhantomData<fn(A) -> A>);

impl<A: Number> Kernel for Divide<A> {
    fn run(&self, tile: &mut Tile<'_>, args: &[Arg], dest: Dest) {
        if TypeId::of::<A>() == TypeId::of::<f64>()
            && let Operand::Splat(by) = tile.operand::<f64>(args[1])
            && (LEAST_DIVISOR..=1.0 / LEAST_DIVISOR).contains(&by.abs())
        {
            return tile.write::<f64>(dest, |tile, out| match tile.operand(args[0]) {
                Operand::Slice(values) => dispatch(ByOne { values, by, out }),
                Operand::Splat(value) => out.fill(value / by),
            });
        }
        map2(A::div_).run(tile, args, dest);
    }
}

/// Divides all values by one number.
struct ByOne<'a> {
    values: Values<'a, f64>,
    by: f64,
    out: &'a mut [f64],
}

impl simd::Kernel for ByOne<'_> {
    type Output = ();
    #[inline(always)]
    fn run<M: MulAdd>(self) {
        let ByOne { values, by, out } = self;
        let reciprocal = 1.0 / by;
        for (out, values) in out.chunks_mut(BLOCK).zip(values.blocks()) {
            let mut is_strange = !M::IS_FUSED;
            if M::IS_FUSED {
                for (out, &value) in out.iter_mut().zip(values) {
                    let near = value * reciprocal;
                    let rest = M::mul_add(-near, by, value);
                    // The sign of a zero is lost in the sum.
                    let quotient = M::mul_add(rest, reciprocal, near).copysign(near);
                    *out = quotient;
                    is_strange |= is_out_of_range(quotient) & (value != 0.0);
                }
            }
            if is_strange {
                for (out, &value) in out.iter_mut().zip(values) {
                    *out = value / by;
                }
            }
        }
    }
}

/// Whether the number is NaN, infinite, or not about as large as others: compared as integers, without the sign, which vectors do at once.
#[inline(always)]
fn is_out_of_range(number: f64) -> bool {
    const FIRST: u64 = LEAST.to_bits() << 1;
    const LAST: u64 = (1.0 / LEAST).to_bits() << 1;
    (number.to_bits() << 1).wrapping_sub(FIRST) > LAST - FIRST
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers of all kinds: most of ordinary size, and the ends of every range.
    fn numbers(seed: u64, n: usize) -> Vec<f64> {
        // SplitMix64.
        let mut state = seed;
        let bits = (0..n).map(|_| {
            state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mixed = (state ^ state >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
            mixed ^ mixed >> 31
        });
        let kinds = |bits: u64| match bits % 64 {
            0 => [0.0, -0.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN][(bits >> 8) as usize % 5],
            1 => {
                [f64::MAX, f64::MIN_POSITIVE, 5e-324, LEAST, 1.0 / LEAST][(bits >> 8) as usize % 5]
            }
            // Any exponent.
            2..8 => f64::from_bits(bits),
            // Few digits, of which quotients are exact or near the middle between two numbers.
            8..24 => ((bits >> 40) % 1000) as f64 / 8.0,
            // Nearly a power of two.
            24..32 => f64::from_bits(1.5_f64.to_bits() ^ (bits >> 60)) - ((bits >> 20) & 1) as f64,
            _ => f64::from_bits((bits & !(0x7FF << 52)) | (1019 + (bits >> 8) % 8) << 52),
        };
        bits.map(kinds).collect()
    }

    #[test]
    fn quotients_are_those_of_the_division_to_the_last_bit() {
        let rounds = if cfg!(miri) { 2 } else { 3000 };
        let n = if cfg!(miri) { 2 * BLOCK } else { 1000 };
        for (round, by) in numbers(1, rounds).into_iter().enumerate() {
            let mut values = numbers(2 + round as u64, n);
            if round % 2 == 0 {
                // Without strange ones, after which a block is divided as usual.
                values.retain(|value| (1e-9..1e9).contains(&value.abs()) || *value == 0.0);
            }
            if !(LEAST_DIVISOR..=1.0 / LEAST_DIVISOR).contains(&by.abs()) {
                continue;
            }
            let mut out = vec![1.0; values.len()];
            dispatch(ByOne { values: values[..].into(), by, out: &mut out });
            for (&value, out) in values.iter().zip(out) {
                let quotient = value / by;
                let is_same =
                    out.to_bits() == quotient.to_bits() || out.is_nan() && quotient.is_nan();
                assert!(is_same, "{value:e} / {by:e}: {out:e} and not {quotient:e}");
            }
        }
    }
}
