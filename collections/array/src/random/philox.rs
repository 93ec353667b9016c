//! Philox4x32-10: random bits as a function of a seed, a stream and the index of an element, with no state that moves on.
//!
//! In: a seed (its two halves are the key), a stream and the global index of an array's elements. Out: a slice filled with
//! what belongs to these elements, either raw ([`bits_u64`]) or through a [`Transform`] of the four words that a counter
//! gives ([`fill`]). The counter is (index low, index high, attempt, stream), where the index is that of a group of elements
//! (the element's own, divided by the number of elements that a counter is enough for). So the same element gets the same
//! number however an array is cut into pieces, on any number of threads, and with any instruction set.
//!
//! Sixteen counters go through the rounds at a time. Each of their words lies in the low half of a `u64`, which is where a
//! vector multiplication of 32 by 32 bits wants it, and may have anything in the high half: nothing reads that until the
//! words leave, so nothing needs to clear it in between. [`philox4x32_10`] is the same code for a single counter.
//!
//! Not here: what distributions make of the words (`distributions.rs`), and choosing seeds or streams. This is no
//! cryptographic generator.
//!
//! J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC'11,
//! doi:10.1145/2063384.2063405.

use crate::simd::{Kernel, MulAdd, dispatch};

/// Rounds of the generator. Seven pass the known statistical tests, says the paper; ten leave a margin.
const ROUNDS: usize = 10;
/// Counters that go through the rounds together: two vectors of eight `u64` with AVX-512, four of four with AVX2.
const LANES: usize = 16;
const MULTIPLIERS: [u64; 2] = [0xD251_1F53, 0xCD9E_8D57];
/// What the key grows by from round to round: the golden ratio and the square root of three, less one.
const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];
const LOW_HALF: u64 = 0xFFFF_FFFF;

/// The keys of all rounds, which all counters share.
type Keys = [[u64; 2]; ROUNDS];

#[inline(always)]
fn round_keys(key: [u32; 2]) -> Keys {
    let mut keys = [[0; 2]; ROUNDS];
    let mut key = key;
    for round in &mut keys {
        *round = [u64::from(key[0]), u64::from(key[1])];
        key = [key[0].wrapping_add(WEYL[0]), key[1].wrapping_add(WEYL[1])];
    }
    keys
}

/// All rounds, on words in the low halves of `u64`; the high halves come in and go out as anything.
#[inline(always)]
fn rounds(counter: [u64; 4], keys: &Keys) -> [u64; 4] {
    let [mut first, mut second, mut third, mut fourth] = counter;
    for key in keys {
        let even = (first & LOW_HALF).wrapping_mul(MULTIPLIERS[0]);
        let odd = (third & LOW_HALF).wrapping_mul(MULTIPLIERS[1]);
        first = (odd >> 32) ^ second ^ key[0];
        third = (even >> 32) ^ fourth ^ key[1];
        second = odd;
        fourth = even;
    }
    [first, second, third, fourth]
}

/// The four random words of a counter under a key.
#[inline]
pub(crate) fn philox4x32_10(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    // The casts drop the high halves.
    rounds(counter.map(u64::from), &round_keys(key)).map(|word| word as u32)
}

/// The key that a seed is.
#[inline(always)]
pub(crate) fn key_of(seed: u64) -> [u32; 2] {
    [seed as u32, (seed >> 32) as u32]
}

/// The four words of a counter as two numbers of 64 bits, the earlier word below the later one.
#[inline(always)]
pub(crate) fn pair_up(words: [u64; 4]) -> [u64; 2] {
    [(words[0] & LOW_HALF) | (words[1] << 32), (words[2] & LOW_HALF) | (words[3] << 32)]
}

/// The top 53 bits as a number in [0, 1).
#[inline(always)]
pub(crate) fn unit_f64(bits: u64) -> f64 {
    (bits >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
}

/// The top 24 of the low 32 bits as a number in [0, 1).
#[inline(always)]
pub(crate) fn unit_f32(word: u64) -> f32 {
    (word as u32 >> 8) as f32 * (1.0 / (1_u32 << 24) as f32)
}

/// Makes the numbers of `PER` consecutive elements from the words of one counter.
pub(crate) trait Transform<T, const PER: usize>: Copy {
    /// The numbers. `#[inline(always)]` and without branches, or the loop over counters makes no vectors; each word is in
    /// the low half of its `u64`, below anything.
    fn apply(self, words: [u64; 4]) -> [T; PER];
}

/// Fills `out[i]` with the number of element `start + i`, which is of counter `(start + i) / PER`.
pub(crate) fn fill<T, const PER: usize>(
    seed: u64,
    stream: u32,
    start: u64,
    out: &mut [T],
    transform: impl Transform<T, PER>,
) where
    T: Copy + Default,
{
    let last = (out.len() as u64).saturating_sub(1);
    debug_assert!(start.checked_add(last).is_some(), "no element has an index beyond 64 bits");
    dispatch(Fill { seed, stream, start, out, transform });
}

/// The numbers of the counters from `first` on. A function and not a closure, as a closure may fail to be inlined.
#[inline(always)]
fn block<T, const PER: usize>(
    first: u64,
    stream: u32,
    keys: &Keys,
    transform: impl Transform<T, PER>,
    numbers: &mut [[T; PER]; LANES],
) {
    for (lane, group) in numbers.iter_mut().enumerate() {
        let index = first.wrapping_add(lane as u64);
        *group = transform.apply(rounds([index, index >> 32, 0, u64::from(stream)], keys));
    }
}

struct Fill<'a, T, F, const PER: usize> {
    seed: u64,
    stream: u32,
    start: u64,
    out: &'a mut [T],
    transform: F,
}

impl<T, F, const PER: usize> Kernel for Fill<'_, T, F, PER>
where
    T: Copy + Default,
    F: Transform<T, PER>,
{
    type Output = ();

    // The multiply-add that `M` offers stays unused: it would make the numbers depend on the instruction set.
    #[inline(always)]
    fn run<M: MulAdd>(self) {
        let Fill { seed, stream, start, out, transform } = self;
        let keys = round_keys(key_of(seed));
        let (first, skipped) = (start / PER as u64, (start % PER as u64) as usize);
        // A slice that starts inside a group spends a whole block on its head, so that whole groups follow.
        let in_head = if skipped == 0 { 0 } else { out.len().min(LANES * PER - skipped) };
        let (head, body) = out.split_at_mut(in_head);
        let after_head = if skipped == 0 { first } else { first.wrapping_add(LANES as u64) };
        let in_tail = body.len() % (LANES * PER);
        let (body, tail) = body.split_at_mut(body.len() - in_tail);
        let mut counter = after_head;
        for numbers in body.as_chunks_mut::<PER>().0.as_chunks_mut::<LANES>().0 {
            block(counter, stream, &keys, transform, numbers);
            counter = counter.wrapping_add(LANES as u64);
        }
        for (piece, first, skipped) in [(head, first, skipped), (tail, counter, 0)] {
            if !piece.is_empty() {
                let mut numbers = [[T::default(); PER]; LANES];
                block(first, stream, &keys, transform, &mut numbers);
                piece.copy_from_slice(&numbers.as_flattened()[skipped..skipped + piece.len()]);
            }
        }
    }
}

/// [`fill`] without the instruction sets that it would choose from.
#[cfg(test)]
pub(crate) fn fill_with_baseline<T: Copy + Default, const PER: usize>(
    seed: u64,
    stream: u32,
    start: u64,
    out: &mut [T],
    transform: impl Transform<T, PER>,
) {
    Fill { seed, stream, start, out, transform }.run::<crate::simd::TwoRoundings>();
}

/// The words as they are.
#[derive(Clone, Copy)]
struct Bits;

impl Transform<u64, 2> for Bits {
    #[inline(always)]
    fn apply(self, words: [u64; 4]) -> [u64; 2] {
        pair_up(words)
    }
}

/// Fills `out[i]` with the 64 random bits of element `start + i`, two elements per counter.
pub(crate) fn bits_u64(seed: u64, stream: u32, start: u64, out: &mut [u64]) {
    fill(seed, stream, start, out, Bits);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_answers() {
        // From `kat_vectors` of the authors' library, Random123.
        let answers = [
            ([0; 4], [0; 2], [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
            ([!0; 4], [!0; 2], [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]),
            (
                [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
                [0xA4093822, 0x299F31D0],
                [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
            ),
        ];
        for (counter, key, words) in answers {
            assert_eq!(philox4x32_10(counter, key), words, "{counter:x?} {key:x?}");
        }
    }

    #[test]
    fn vectors_equal_a_scalar_loop() {
        let (seed, stream) = (0x0123_4567_89AB_CDEF, 0x8000_0005);
        let mut buffer = [0; 200];
        // Heads, tails and both, about the counters where the low half of the index turns over, and the last indices of all.
        let starts = [0, 1, 2, 31, (1 << 33) - 63, (1 << 33) - 32, u64::MAX - 199];
        for start in starts {
            for len in [0, 1, 2, 3, 30, 31, 32, 33, 63, 64, 65, 199, 200] {
                let out = &mut buffer[..len];
                bits_u64(seed, stream, start, out);
                for (offset, bits) in out.iter().enumerate() {
                    let index = start + offset as u64;
                    let counter = [(index / 2) as u32, (index >> 33) as u32, 0, stream];
                    let words = philox4x32_10(counter, [0x89AB_CDEF, 0x0123_4567]);
                    let pair = if index.is_multiple_of(2) {
                        [words[0], words[1]]
                    } else {
                        [words[2], words[3]]
                    };
                    assert_eq!(*bits, u64::from(pair[0]) | u64::from(pair[1]) << 32, "{index}");
                }
            }
        }
    }

    #[test]
    fn every_input_bit_changes_half_of_the_bits() {
        let flipped = |input: usize| {
            let mut words = [0x243F6A88, 0x85A308D3, 0, 5, 0xA4093822, 0x299F31D0];
            words[input / 32] ^= 1 << (input % 32);
            philox4x32_10([words[0], words[1], words[2], words[3]], [words[4], words[5]])
        };
        let original = philox4x32_10([0x243F6A88, 0x85A308D3, 0, 5], [0xA4093822, 0x299F31D0]);
        for input in 0..192 {
            let changed: u32 =
                flipped(input).iter().zip(original).map(|(a, b)| (a ^ b).count_ones()).sum();
            assert!((36..=92).contains(&changed), "{changed} of 128 for input bit {input}");
        }
    }
}
