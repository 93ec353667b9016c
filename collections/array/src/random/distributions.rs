//! Uniform, normal, exponential and bounded integer random numbers, each a function of seed, stream and element index.
//!
//! In: a seed, a stream, the global index of a slice's first element. Out: the slice, filled with the numbers of its
//! elements: `out[i]` gets that of element `start + i`, the same however an array is cut into pieces. Two `f64` or `u64`,
//! or four `f32`, share a counter of Philox4x32-10 (`philox.rs`); functions called with equal seed and stream use equal bits,
//! so independent arrays want streams or seeds of their own.
//!
//! Normal numbers are those of Box and Muller: a pair comes from two words, the earlier one gives the radius, the later one
//! the angle. The logarithm, sine and cosine are polynomials without branches, fitted by Remez's exchange, so that the loop
//! over counters becomes vectors. Each is right to 4e-16 (`f64`) or 2e-7 (`f32`) of its value at the argument that it gets: a
//! uniform number of 53 bits or an angle of 55, for `f32` a uniform number rounded to 24 bits and an angle of 32. Only
//! operations that IEEE 754 rounds in one way are used, and no fused multiply-add, so every number is the same to the last
//! bit with every instruction set. Normal `f64` end at 8.57, `f32` at 6.66: the words have no more bits.
//!
//! Bounded integers are exact (unbiased): a try that would favour some of them is thrown away, and the element tries again
//! with the next attempt of its own counter.
//!
//! Not here: the generator (`philox.rs`), other distributions, scaling to a mean and a deviation, dividing work by threads.
//!
//! G. E. P. Box, M. E. Muller, "A note on the generation of random normal deviates", Ann. Math. Statist. 29 (1958).
//! D. Lemire, "Fast random integer generation in an interval", ACM TOMACS 29 (2019), doi:10.1145/3230636.

use super::philox::{
    Transform, bits_u64, fill, key_of, pair_up, philox4x32_10, unit_f32, unit_f64,
};
use crate::simd::Fused;
use std::f32::consts::FRAC_PI_2 as QUARTER_TURN_F32;
use std::f64::consts::FRAC_PI_2 as QUARTER_TURN_F64;
use std::num::NonZeroU64;

/// The smallest number whose logarithm makes a radius for `f32`, 2^-32.
const SMALLEST_F32: f32 = 1.0 / (1_u64 << 32) as f32;

/// Uniform in [0, 1).
#[derive(Clone, Copy)]
struct Uniform;
/// Normal, of mean 0 and variance 1.
#[derive(Clone, Copy)]
struct Normal;
/// Exponential, of mean 1.
#[derive(Clone, Copy)]
struct Exponential;

impl Transform<f64, 2> for Uniform {
    #[inline(always)]
    fn apply(self, words: [u64; 4]) -> [f64; 2] {
        let [first, second] = pair_up(words);
        [unit_f64(first), unit_f64(second)]
    }
}

impl Transform<f32, 4> for Uniform {
    #[inline(always)]
    fn apply(self, words: [u64; 4]) -> [f32; 4] {
        [unit_f32(words[0]), unit_f32(words[1]), unit_f32(words[2]), unit_f32(words[3])]
    }
}

impl Transform<f64, 2> for Exponential {
    #[inline(always)]
    fn apply(self, words: [u64; 4]) -> [f64; 2] {
        let [first, second] = pair_up(words);
        [exponential(first), exponential(second)]
    }
}

impl Transform<f64, 2> for Normal {
    #[inline(always)]
    fn apply(self, words: [u64; 4]) -> [f64; 2] {
        let [for_radius, for_angle] = pair_up(words);
        let radius = (2.0 * exponential(for_radius)).sqrt();
        let (sine, cosine) = sine_cosine_f64(for_angle);
        [radius * cosine, radius * sine]
    }
}

impl Transform<f32, 4> for Normal {
    #[inline(always)]
    fn apply(self, words: [u64; 4]) -> [f32; 4] {
        let [first, second] = normal_pair_f32(words[0] as u32, words[1] as u32);
        let [third, fourth] = normal_pair_f32(words[2] as u32, words[3] as u32);
        [first, second, third, fourth]
    }
}

/// Fills `out` with uniform numbers in [0, 1), multiples of 2^-53; the top bits of [`bits_u64`].
pub(crate) fn uniform_f64(seed: u64, stream: u32, start: u64, out: &mut [f64]) {
    fill(seed, stream, start, out, Uniform);
}

/// Fills `out` with uniform numbers in [0, 1), multiples of 2^-24.
pub(crate) fn uniform_f32(seed: u64, stream: u32, start: u64, out: &mut [f32]) {
    fill(seed, stream, start, out, Uniform);
}

/// Fills `out` with standard normal numbers: elements `2 k` and `2 k + 1` are a radius times the cosine and sine of an angle.
pub(crate) fn normal_f64(seed: u64, stream: u32, start: u64, out: &mut [f64]) {
    fill(seed, stream, start, out, Normal);
}

/// Fills `out` with standard normal numbers, paired as in [`normal_f64`].
pub(crate) fn normal_f32(seed: u64, stream: u32, start: u64, out: &mut [f32]) {
    fill(seed, stream, start, out, Normal);
}

/// Fills `out` with exponential numbers of mean 1: `-ln(1 - u)` of the `u` that [`uniform_f64`] gives.
pub(crate) fn exponential_f64(seed: u64, stream: u32, start: u64, out: &mut [f64]) {
    fill(seed, stream, start, out, Exponential);
}

/// Fills `out` with integers in `[0, bound)`, each equally likely.
pub(crate) fn below_u64(seed: u64, stream: u32, start: u64, bound: NonZeroU64, out: &mut [u64]) {
    let surplus = surplus_of(bound);
    let mut index = start;
    // Pieces that stay in the first-level cache between the two loops.
    for piece in out.chunks_mut(1024) {
        bits_u64(seed, stream, index, piece);
        for value in piece {
            let product = u128::from(*value) * u128::from(bound.get());
            *value = (product >> 64) as u64;
            if (product as u64) < surplus {
                *value = below_again(seed, stream, index, bound, surplus);
            }
            index = index.wrapping_add(1);
        }
    }
}

/// 2^64 modulo the bound: so many of the 2^64 values of the bits are too many to share out equally.
fn surplus_of(bound: NonZeroU64) -> u64 {
    bound.get().wrapping_neg() % bound
}

/// The integer in `[0, bound)` of an element whose first try was rejected.
#[cold]
fn below_again(seed: u64, stream: u32, index: u64, bound: NonZeroU64, surplus: u64) -> u64 {
    let counter = index / 2;
    let mut attempt = 0_u32;
    loop {
        attempt = attempt.wrapping_add(1);
        let words =
            philox4x32_10([counter as u32, (counter >> 32) as u32, attempt, stream], key_of(seed));
        let bits = pair_up(words.map(u64::from))[(index % 2) as usize];
        let product = u128::from(bits) * u128::from(bound.get());
        if product as u64 >= surplus {
            return (product >> 64) as u64;
        }
    }
}

/// `-ln(1 - u)` of the `u` that the bits give. The difference is exact, and never 0.
#[inline(always)]
fn exponential(bits: u64) -> f64 {
    negative_ln_f64(1.0 - unit_f64(bits))
}

/// Two normal numbers from two words.
#[inline(always)]
fn normal_pair_f32(for_radius: u32, for_angle: u32) -> [f32; 2] {
    // All 32 bits, as 24 would end the tails at 5.77; the last one is set, so that this is never 0.
    let open = (for_radius | 1) as f32 * SMALLEST_F32;
    let radius = (2.0 * negative_ln_f32(open)).sqrt();
    let (sine, cosine) = sine_cosine_f32(for_angle);
    [radius * cosine, radius * sine]
}

/// `coefficients[0] + coefficients[1] z + ...`, not fused, although that is what the bound is called after.
#[inline(always)]
fn polynomial<T: Fused, const N: usize>(z: T, coefficients: [T; N]) -> T {
    let mut sum = coefficients[N - 1];
    for power in (0..N - 1).rev() {
        sum = sum * z + coefficients[power];
    }
    sum
}

/// `-ln(x)` for x in [2^-1022, 1], and +0 for 1.
///
/// x is `2^-halvings m` with m between the square roots of a half and of two, and `ln m` is `2 artanh(s)` with
/// `s = (m - 1) / (m + 1)`, a series in odd powers.
#[inline(always)]
fn negative_ln_f64(x: f64) -> f64 {
    const ROOT_OF_HALF: u64 = 0x3FE6_A09E_667F_3BCD;
    // The logarithm of 2 in two parts: the number of halvings times the first is exact.
    const LN_2: [f64; 2] = [0.6931471805598903, 5.497923018708371e-14];
    const SERIES: [f64; 7] = [
        0.6666666666666734,
        0.3999999999941468,
        0.28571428742387356,
        0.22222198573206375,
        0.1818356432518203,
        0.15314050572238014,
        0.14795949530848024,
    ];
    let shifted = x.to_bits() + (1.0_f64.to_bits() - ROOT_OF_HALF);
    let halvings = (1023 - (shifted >> 52)) as f64;
    let less_one = f64::from_bits((shifted & ((1 << 52) - 1)) + ROOT_OF_HALF) - 1.0;
    let s = less_one / (less_one + 2.0);
    let z = s * s;
    let of_m = (s + s) + s * (z * polynomial(z, SERIES));
    halvings * LN_2[0] + (halvings * LN_2[1] - of_m)
}

/// `-ln(x)` for x in [2^-126, 1], as [`negative_ln_f64`].
#[inline(always)]
fn negative_ln_f32(x: f32) -> f32 {
    const ROOT_OF_HALF: u32 = 0x3F35_04F3;
    const LN_2: [f32; 2] = [0.693_145_75, 1.428_606_8e-6];
    const SERIES: [f32; 3] = [0.666_667_76, 0.399_775_42, 0.298_717_3];
    let shifted = x.to_bits() + (1.0_f32.to_bits() - ROOT_OF_HALF);
    let halvings = (127 - (shifted >> 23)) as i32 as f32;
    let less_one = f32::from_bits((shifted & ((1 << 23) - 1)) + ROOT_OF_HALF) - 1.0;
    let s = less_one / (less_one + 2.0);
    let z = s * s;
    let of_m = (s + s) + s * (z * polynomial(z, SERIES));
    halvings * LN_2[0] + (halvings * LN_2[1] - of_m)
}

/// Sine and cosine of `turn / 2^64` turns, where the last nine bits of `turn` do not count.
///
/// The nearest quarter turn is the top two bits once half a quarter is added; the 53 bits after these are the distance from
/// it, between -1/2 and 1/2 quarters, without rounding.
#[inline(always)]
fn sine_cosine_f64(turn: u64) -> (f64, f64) {
    const SINE: [f64; 6] = [
        -0.6459640975062448,
        0.0796926262460598,
        -0.004681754132562595,
        0.00016044115216847803,
        -3.5986477757555385e-06,
        5.6344631352244624e-08,
    ];
    const COSINE: [f64; 7] = [
        -1.2337005501361697,
        0.2536695079010468,
        -0.02086348076331257,
        0.0009192602741910676,
        -2.5202036788292468e-05,
        4.7106096694422595e-07,
        -6.321202078869099e-09,
    ];
    let shifted = turn.wrapping_add(1 << 61);
    let distance = unit_f64(shifted << 2) - 0.5;
    let z = distance * distance;
    let sine = distance * QUARTER_TURN_F64 + distance * (z * polynomial(z, SINE));
    let cosine = 1.0 + z * polynomial(z, COSINE);
    // One quarter turn on, the sine is the cosine and the cosine is minus the sine; two on, both change sign.
    let quarters = shifted >> 62;
    let odd = quarters & 1 != 0;
    let (sine, cosine) = if odd { (cosine, sine) } else { (sine, cosine) };
    let (sine_sign, cosine_sign) = (quarters >> 1 << 63, (quarters + 1) >> 1 << 63);
    (f64::from_bits(sine.to_bits() ^ sine_sign), f64::from_bits(cosine.to_bits() ^ cosine_sign))
}

/// Sine and cosine of `turn / 2^32` turns, as [`sine_cosine_f64`]; the distance is rounded to `f32`.
#[inline(always)]
fn sine_cosine_f32(turn: u32) -> (f32, f32) {
    const SINE: [f32; 3] = [-0.645_963_6, 0.079_681_41, -0.004_604_834];
    const COSINE: [f32; 4] = [-1.233_700_5, 0.253_669_23, -0.020_860_165, 0.000_903_766_54];
    let shifted = turn.wrapping_add(1 << 29);
    let quarters = shifted >> 30;
    let distance = ((shifted << 2) ^ (1 << 31)) as i32 as f32 * SMALLEST_F32;
    let z = distance * distance;
    let sine = distance * QUARTER_TURN_F32 + distance * (z * polynomial(z, SINE));
    let cosine = 1.0 + z * polynomial(z, COSINE);
    let odd = quarters & 1 != 0;
    let (sine, cosine) = if odd { (cosine, sine) } else { (sine, cosine) };
    let (sine_sign, cosine_sign) = (quarters >> 1 << 31, (quarters + 1) >> 1 << 31);
    (f32::from_bits(sine.to_bits() ^ sine_sign), f32::from_bits(cosine.to_bits() ^ cosine_sign))
}

#[cfg(test)]
mod tests {
    use super::super::philox::fill_with_baseline;
    use super::*;
    use std::f64::consts::{FRAC_2_SQRT_PI, PI, SQRT_2};

    const SEED: u64 = 0x0123_4567_89AB_CDEF;
    const STREAM: u32 = 5;
    const LOW: u64 = u32::MAX as u64;
    /// An odd index whose counter does not fit 32 bits.
    const FAR: u64 = (1 << 35) + 3;

    fn filled<T: Copy + Default>(len: usize, fill: impl FnOnce(&mut [T])) -> Vec<T> {
        let mut out = vec![T::default(); len];
        fill(&mut out);
        out
    }

    fn widened(numbers: Vec<f32>) -> Vec<f64> {
        numbers.into_iter().map(f64::from).collect()
    }

    fn bound(bound: u64) -> NonZeroU64 {
        NonZeroU64::new(bound).unwrap()
    }

    fn bits_of_attempt(index: u64, attempt: u32) -> u64 {
        let counter = index / 2;
        let counter = [counter as u32, (counter >> 32) as u32, attempt, STREAM];
        let words = philox4x32_10(counter, [SEED as u32, (SEED >> 32) as u32]);
        let half = 2 * (index % 2) as usize;
        u64::from(words[half]) | u64::from(words[half + 1]) << 32
    }

    #[test]
    fn numbers_are_those_of_an_independent_computation() {
        // From a program in Python, with 40 digits.
        let assert_close = |ours: Vec<f64>, theirs: [f64; 3], error: f64| {
            for (ours, theirs) in ours.into_iter().zip(theirs) {
                assert!((ours / theirs - 1.0).abs() <= error, "{ours} instead of {theirs}");
            }
        };
        let uniform = filled(3, |out| uniform_f64(SEED, STREAM, FAR, out));
        assert_eq!(uniform, [0.28304781144181457, 0.854330423511157, 0.09434285427005051]);
        let uniform = filled(3, |out| uniform_f32(SEED, STREAM, FAR, out));
        assert_eq!(uniform, [0.455_121_93, 0.995_669_36, 0.356_410_86]);
        let ours = filled(3, |out| normal_f64(SEED, STREAM, FAR, out));
        assert_close(ours, [2.047773388243089, 1.6279869670767821, 1.0965797867663754], 1e-15);
        let ours = filled(3, |out| normal_f32(SEED, STREAM, FAR, out));
        assert_close(widened(ours), [0.391529544, -0.0577526273, 0.0731067246], 6e-7);
        let ours = filled(3, |out| exponential_f64(SEED, STREAM, FAR, out));
        assert_close(ours, [0.33274612323046876, 1.9264143968582246, 0.09909447090711125], 1e-15);
        let below = filled(4, |out| below_u64(SEED, STREAM, FAR, bound(3 << 62), out));
        // The first two elements at their first try, the next two at their second.
        assert_eq!(below[..2], [3915982903718064587, 11819711007670655067]);
        assert_eq!(below[2..], [13333888256849399508, 5034523562777454900]);
    }

    #[test]
    fn vectors_equal_a_scalar_loop() {
        let len = 301;
        for start in [0, 1, 33, FAR, (1 << 33) - 100, (1 << 34) - 101] {
            let doubles = filled(len, |out| uniform_f64(SEED, STREAM, start, out));
            let singles = filled(len, |out| uniform_f32(SEED, STREAM, start, out));
            for (index, (double, single)) in (start..).zip(doubles.into_iter().zip(singles)) {
                let top = (bits_of_attempt(index, 0) >> 11) as f64;
                assert_eq!(double, top / 9007199254740992.0, "element {index}");
                let pair = bits_of_attempt(index / 2, 0);
                let word = if index % 2 == 0 { pair as u32 } else { (pair >> 32) as u32 };
                assert_eq!(single, (word >> 8) as f32 / 16777216.0, "element {index}");
            }
        }
    }

    /// Whether filling [start, start + n) at once gives what filling it in pieces gives.
    fn assert_same_in_pieces<T: Copy + Default + PartialEq>(fill: impl Fn(u64, &mut [T])) {
        let lengths = filled(200, |out| below_u64(SEED, 9, 0, bound(150), out));
        for start in [0, 1, 2, 3, FAR] {
            let whole = filled(4000, |out| fill(start, out));
            let mut done = 0;
            for length in lengths.iter().cycle() {
                // Three lengths in four are less than a few counters.
                let length = if length % 4 == 0 { *length } else { length / 16 } as usize;
                let length = length.min(whole.len() - done);
                let piece = filled(length, |out| fill(start + done as u64, out));
                assert!(piece == whole[done..done + length], "{length} from {start} + {done}");
                done += length;
                if done == whole.len() {
                    break;
                }
            }
        }
    }

    #[test]
    fn pieces_equal_the_whole() {
        assert_same_in_pieces(|start, out| bits_u64(SEED, STREAM, start, out));
        assert_same_in_pieces(|start, out| uniform_f64(SEED, STREAM, start, out));
        assert_same_in_pieces(|start, out| uniform_f32(SEED, STREAM, start, out));
        assert_same_in_pieces(|start, out| normal_f64(SEED, STREAM, start, out));
        assert_same_in_pieces(|start, out| normal_f32(SEED, STREAM, start, out));
        assert_same_in_pieces(|start, out| exponential_f64(SEED, STREAM, start, out));
        for limit in [10, (1 << 63) + 1] {
            assert_same_in_pieces(|start, out| below_u64(SEED, STREAM, start, bound(limit), out));
        }
    }

    #[test]
    fn instruction_sets_agree_to_the_last_bit() {
        // Roundings inside the polynomials seldom reach the last bit of a number, so it takes many.
        let len = 20_000;
        let best = filled(len, |out| normal_f32(SEED, STREAM, 1, out));
        assert!(best == filled(len, |out| fill_with_baseline(SEED, STREAM, 1, out, Normal)));
        let best = filled(len, |out| normal_f64(SEED, STREAM, 1, out));
        assert!(best == filled(len, |out| fill_with_baseline(SEED, STREAM, 1, out, Normal)));
        // Other processors agree with the one that this was written on.
        let sum = best.iter().fold(0_u64, |sum, number| sum.rotate_left(7) ^ number.to_bits());
        assert_eq!(sum, 0xA437_5C49_F4F9_BD2D, "{sum:#x}");
    }

    #[test]
    fn bounded_integers_equal_a_scalar_loop() {
        let mut second_tries = 0;
        for limit in [1, 2, 3, 10, 1 << 32, (1 << 63) + 1, u64::MAX] {
            let surplus = (1_u128 << 64) % u128::from(limit);
            assert_eq!(u128::from(surplus_of(bound(limit))), surplus);
            let out = filled(1500, |out| below_u64(SEED, STREAM, FAR, bound(limit), out));
            for (index, ours) in (FAR..).zip(out) {
                let mut attempt = 0;
                let theirs = loop {
                    let product = u128::from(bits_of_attempt(index, attempt)) * u128::from(limit);
                    if product % (1 << 64) >= surplus {
                        break (product >> 64) as u64;
                    }
                    attempt += 1;
                };
                assert_eq!(ours, theirs, "element {index} below {limit}");
                second_tries += u32::from(attempt > 0);
            }
        }
        assert!((600..900).contains(&second_tries), "{second_tries}: half of one bound's 1500");
    }

    #[test]
    fn bounded_integers_are_equally_likely() {
        // Without rejection, a third of the values of the last bound would come twice as often: those of one residue.
        for (limit, cells) in [(2, 2), (3, 3), (10, 10), (1 << 32, 16), (3 << 62, 3)] {
            let draws = 20_000;
            let out = filled(draws, |out| below_u64(SEED, STREAM, 0, bound(limit), out));
            let mut counts = vec![0_u32; cells as usize];
            out.iter().for_each(|value| counts[(value % cells) as usize] += 1);
            let expected = draws as f64 / cells as f64;
            let chi_squared: f64 =
                counts.iter().map(|&count| (f64::from(count) - expected).powi(2) / expected).sum();
            let freedom = (cells - 1) as f64;
            // Far above the 99.9th percentile, and almost 0 would be as odd.
            assert!(chi_squared < freedom + 4.0 * (2.0 * freedom).sqrt() + 6.0, "{chi_squared}");
            assert!(chi_squared > 1e-3 * freedom, "{chi_squared}");
        }
    }

    /// The distribution function of the normal distribution.
    fn normal_below(x: f64) -> f64 {
        let t = x.abs() / SQRT_2;
        let upper = if t < 2.0 {
            // erf by its series.
            let (mut term, mut sum) = (t, t);
            for n in 1..60 {
                term *= -t * t / f64::from(n);
                sum += term / f64::from(2 * n + 1);
            }
            0.5 - 0.5 * FRAC_2_SQRT_PI * sum
        } else {
            // erfc by its continued fraction, from the inside out.
            let fraction = (1..60).rev().fold(t, |below, n| t + 0.5 * f64::from(n) / below);
            (-t * t).exp() / (2.0 * PI.sqrt() * fraction)
        };
        if x < 0.0 { upper } else { 1.0 - upper }
    }

    /// Kolmogorov and Smirnov's distance from a distribution, times the root of the number of samples.
    fn distance(mut samples: Vec<f64>, below: impl Fn(f64) -> f64) -> f64 {
        samples.sort_by(f64::total_cmp);
        let n = samples.len() as f64;
        let distances = samples.iter().enumerate().map(|(rank, &x)| {
            let p = below(x);
            (p - rank as f64 / n).max((rank + 1) as f64 / n - p)
        });
        distances.fold(0.0, f64::max) * n.sqrt()
    }

    /// Mean, variance, and the fourth moment about the mean.
    fn moments(samples: &[f64]) -> [f64; 3] {
        let n = samples.len() as f64;
        let mean = samples.iter().sum::<f64>() / n;
        let about_mean = |power| samples.iter().map(|x| (x - mean).powi(power)).sum::<f64>() / n;
        [mean, about_mean(2), about_mean(4)]
    }

    fn doubles(len: usize, stream: u32, fill: fn(u64, u32, u64, &mut [f64])) -> Vec<f64> {
        filled(len, |out| fill(SEED, stream, 0, out))
    }

    #[test]
    fn distributions_are_right() {
        let len = 20_000;
        let uniform = |x: f64| x;
        let exponential = |x: f64| 1.0 - (-x).exp();
        // With each moment, the deviation of what a single sample adds to it.
        let assert_right = |samples: Vec<f64>, below: fn(f64) -> f64, right: [(f64, f64); 3]| {
            for (moment, (right, deviation)) in moments(&samples).into_iter().zip(right) {
                let error = (moment - right) * (len as f64).sqrt() / deviation;
                assert!(error.abs() < 3.5, "{moment} instead of {right}");
            }
            // Of all samples, 0.1 % are farther than 1.95, and as many nearer than 0.36.
            let distance = distance(samples, below);
            assert!((0.36..1.95).contains(&distance), "{distance}");
        };
        let right = [(0.5, 0.289), (1.0 / 12.0, 0.0745), (1.0 / 80.0, 0.0167)];
        assert_right(doubles(len, 0, uniform_f64), uniform, right);
        let singles = filled(len, |out| uniform_f32(SEED, 1, 0, out));
        assert_right(widened(singles), uniform, right);
        let right = [(0.0, 1.0), (1.0, 1.41), (3.0, 9.80)];
        assert_right(doubles(len, 2, normal_f64), normal_below, right);
        let singles = filled(len, |out| normal_f32(SEED, 3, 0, out));
        assert_right(widened(singles), normal_below, right);
        let right = [(1.0, 1.0), (1.0, 2.83), (9.0, 121.5)];
        assert_right(doubles(len, 4, exponential_f64), exponential, right);
    }

    /// The correlation, in units of its deviation where there is none.
    fn correlation(left: &[f64], right: &[f64]) -> f64 {
        let ([left_mean, left_variance, _], [right_mean, right_variance, _]) =
            (moments(left), moments(right));
        let products = left.iter().zip(right).map(|(x, y)| (x - left_mean) * (y - right_mean));
        products.sum::<f64>() / (left_variance * right_variance * left.len() as f64).sqrt()
    }

    #[test]
    fn neighbours_streams_and_seeds_are_uncorrelated() {
        let len = 10_000;
        for fill in [uniform_f64, normal_f64, exponential_f64] {
            let samples = doubles(len, STREAM, fill);
            let squares: Vec<f64> = samples.iter().map(|x| x * x).collect();
            for lag in [1, 2, 3, 4, 16, 32] {
                for numbers in [&samples, &squares] {
                    let seen = correlation(&numbers[lag..], &numbers[..len - lag]);
                    assert!(seen.abs() < 4.0, "{seen} at distance {lag}");
                }
            }
            let far_streams = [(SEED, STREAM + 1), (SEED, STREAM + (1 << 31)), (0, 0)];
            let far_seeds = [(SEED + 1, STREAM), (SEED ^ (1 << 63), STREAM)];
            for (seed, stream) in far_streams.into_iter().chain(far_seeds) {
                let others = filled(len, |out| fill(seed, stream, 0, out));
                let seen = correlation(&samples, &others);
                assert!(seen.abs() < 4.0, "{seen} with seed {seed:x}, stream {stream}");
            }
        }
    }

    /// Sine and cosine of `turn / 2^64` turns by the standard library, from the nearest axis.
    fn turned(turn: u64) -> (f64, f64) {
        let axis = turn.wrapping_add(1 << 61) >> 62;
        let from_axis = turn.wrapping_sub(axis << 62) as i64;
        let (sine, cosine) = (from_axis as f64 * (2.0 * PI / (1_u128 << 64) as f64)).sin_cos();
        [(sine, cosine), (cosine, -sine), (-sine, -cosine), (-cosine, sine)][axis as usize]
    }

    #[test]
    fn logarithm_sine_and_cosine_are_accurate() {
        let words = filled(20_000, |out| bits_u64(SEED, STREAM, 0, out));
        let mut worst = [[0.0_f64; 3]; 2];
        let mut note = |row: usize, column: usize, ours: f64, theirs: f64| {
            let error = if ours == theirs { 0.0 } else { ((ours - theirs) / theirs).abs() };
            worst[row][column] = worst[row][column].max(error);
        };
        for (number, word) in (0_u32..).zip(words) {
            // Half of the words are small, or almost as large as can be, and angles lie near one of the axes.
            let small = word >> (number % 53);
            let word = [word, small, !small, small.wrapping_add(1 << (62 + number % 2))];
            let word = word[number as usize % 4];
            let (x, near_axis) = (1.0 - unit_f64(word), word & !0x1FF);
            note(0, 0, negative_ln_f64(x), -x.ln());
            let (sine, cosine) = sine_cosine_f64(near_axis);
            let theirs = turned(near_axis);
            note(0, 1, sine, theirs.0);
            note(0, 2, cosine, theirs.1);
            let angle = near_axis as f64 / (1_u128 << 64) as f64 * 2.0 * PI;
            assert!((sine - angle.sin()).abs() + (cosine - angle.cos()).abs() < 3e-15);

            let word = (word >> 32) as u32;
            let x = (word | 1) as f32 * SMALLEST_F32;
            note(1, 0, negative_ln_f32(x).into(), -f64::from(x).ln());
            let (sine, cosine) = sine_cosine_f32(word);
            let theirs = turned(u64::from(word) << 32);
            note(1, 1, sine.into(), theirs.0);
            note(1, 2, cosine.into(), theirs.1);
        }
        let [doubles, singles] = worst;
        assert!(doubles.iter().all(|error| (5e-17..4e-16).contains(error)), "{doubles:?}");
        assert!(singles.iter().all(|error| (3e-8..2e-7).contains(error)), "{singles:?}");
    }

    #[test]
    fn extreme_words_give_finite_numbers() {
        for words in [[0; 4], [LOW; 4], [LOW, LOW, 0, 0], [0, 0, LOW, LOW]] {
            let doubles: [f64; 2] = Normal.apply(words);
            let singles: [f32; 4] = Normal.apply(words);
            assert!(doubles.iter().all(|number| number.abs() < 8.58), "{doubles:?}");
            assert!(singles.iter().all(|number| number.abs() < 6.67), "{singles:?}");
        }
        let [farthest, _]: [f64; 2] = Normal.apply([LOW, LOW, 0, 0]);
        assert!(farthest > 8.57);
        let [farthest, ..]: [f32; 4] = Normal.apply([0; 4]);
        assert!(farthest > 6.66);
        assert_eq!(exponential(0).to_bits(), 0);
        assert_eq!(unit_f64(u64::MAX), 1.0 - 0.5_f64.powi(53));
        assert_eq!(unit_f32(LOW), 1.0 - 0.5_f32.powi(24));
    }
}
