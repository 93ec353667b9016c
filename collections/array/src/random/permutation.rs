//! Permutations of `0..n`: which number stands at a place, without a table of all of them.
//!
//! In: `n`, a seed and a stream. Out: a [`Permutation`], a function of the place alone, so that any part of it can be made anywhere. Small ones are shuffled once and kept; large ones are
//! a Feistel network over pairs of numbers below the root of `n`, walked until it comes back below `n`:
//!
//! ```text
//! place = a · l + r     (l, r) <- (r, l + f(r) mod a)     for each round, f of a key of its own
//! ```
//! Each round can be taken back, so the network is a permutation of `0..a²`; `a²` is `n` or little more, and numbers from `n` on are sent through again, which leaves a permutation of `0..n`.
//!
//! Not here: what is permuted (`choice`).
//!
//! J. Black, P. Rogaway, "Ciphers with arbitrary finite domains", CT-RSA 2002: both the pairs and the walk. R. Durstenfeld, "Algorithm 235: random permutation", CACM 7 (1964).

use super::philox::bits_u64;

/// So many numbers are shuffled, each order as likely as the others; a network over so few would not be as good.
const SHUFFLED_MAX: u64 = 4096;
/// Rounds of the network. Four are enough for a proof (Luby and Rackoff), of functions that are random themselves; twice as many are a margin.
const ROUNDS: usize = 8;

/// A random order of `0..n`.
pub(crate) struct Permutation(Form);

enum Form {
    Shuffled(Vec<u64>),
    Network { n: u64, side: u64, keys: [u64; ROUNDS] },
}

impl Permutation {
    pub(crate) fn new(seed: u64, stream: u32, n: u64) -> Permutation {
        if n <= SHUFFLED_MAX {
            return Permutation(Form::Shuffled(shuffled(seed, stream, n)));
        }
        let mut keys = [0; ROUNDS];
        bits_u64(seed, stream, 0, &mut keys);
        // The least even number whose square is at least n; of the largest n it is 2^32, whose square is just beyond 64 bits. Of an odd side each round would be an even permutation.
        let side = ((n - 1).isqrt() + 1).next_multiple_of(2);
        Permutation(Form::Network { n, side, keys })
    }

    /// The number at a place below `n`.
    #[inline]
    pub(crate) fn at(&self, place: u64) -> u64 {
        match &self.0 {
            Form::Shuffled(numbers) => numbers[place as usize],
            Form::Network { n, side, keys } => {
                let mut number = through(place, *side, keys);
                while number >= *n {
                    number = through(number, *side, keys);
                }
                number
            }
        }
    }
}

fn shuffled(seed: u64, stream: u32, n: u64) -> Vec<u64> {
    let mut numbers: Vec<u64> = (0..n).collect();
    let mut bits = vec![0; numbers.len()];
    bits_u64(seed, stream, 0, &mut bits);
    for last in (1..numbers.len()).rev() {
        // Some are more likely than others by 2^-52, which nobody can find out.
        numbers.swap(last, below(bits[last], last as u64 + 1) as usize);
    }
    numbers
}

/// A number below `bound` from 64 bits.
#[inline(always)]
fn below(bits: u64, bound: u64) -> u64 {
    ((u128::from(bits) * u128::from(bound)) >> 64) as u64
}

/// A number below `side²` through all rounds.
#[inline(always)]
fn through(number: u64, side: u64, keys: &[u64; ROUNDS]) -> u64 {
    let (mut left, mut right) = (number / side, number % side);
    for key in keys {
        let sum = left + below(mixed(right.wrapping_add(*key)), side);
        left = right;
        right = if sum >= side { sum - side } else { sum };
    }
    left * side + right
}

/// Bits of which each depends on all bits that come in: the end of splitmix64 (Steele, Lea, Flood, *Fast splittable pseudorandom number generators*, 2014).
#[inline(always)]
fn mixed(bits: u64) -> u64 {
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(seed: u64, stream: u32, n: u64) -> Vec<u64> {
        let permutation = Permutation::new(seed, stream, n);
        (0..n).map(|place| permutation.at(place)).collect()
    }

    #[test]
    fn every_number_stands_at_one_place() {
        let squares = [4096, 4225, 4356, 65_536, 66_049, 1 << 18];
        for n in (0..20).chain(squares.into_iter().flat_map(|n| n - 1..=n + 1)) {
            let mut numbers = all(7, 3, n);
            numbers.sort_unstable();
            assert!(numbers.into_iter().eq(0..n), "{n}");
        }
    }

    #[test]
    fn orders_stay_what_they_are() {
        // What programs have once got from a seed they get for ever, on any machine.
        let sum = |numbers: &[u64]| numbers.iter().fold(0_u64, |sum, n| sum.rotate_left(7) ^ n);
        assert_eq!(all(1, 0, 10), [6, 1, 3, 4, 2, 9, 7, 0, 5, 8]);
        assert_eq!(sum(&all(1, 0, 4096)), 0xB7F9_7BE7_C514_B570);
        assert_eq!(sum(&all(1, 0, 4097)), 0xE66C_C57E_F157_6EE9);
        assert_eq!(Permutation::new(1, 2, 1 << 40).at(12_345), 641_301_782_695);
    }

    #[test]
    fn the_largest_ones_do_not_overflow() {
        for n in [u64::MAX, u64::MAX - 1, 1 << 63, (1 << 32) - 1, u64::from(u32::MAX).pow(2) + 1] {
            let permutation = Permutation::new(1, 1, n);
            let places = (0..500).chain(n - 500..n);
            let numbers: std::collections::HashSet<u64> =
                places.map(|place| permutation.at(place)).collect();
            assert!(numbers.len() == 1000 && numbers.iter().all(|&number| number < n), "{n}");
        }
    }

    #[test]
    fn few_numbers_come_in_all_orders_equally_often() {
        let mut counts = std::collections::HashMap::new();
        let draws = 24_000;
        for stream in 0..draws {
            *counts.entry(all(11, stream, 4)).or_insert(0_u32) += 1;
        }
        let expected = f64::from(draws) / 24.0;
        let chi_squared: f64 =
            counts.values().map(|&count| (f64::from(count) - expected).powi(2) / expected).sum();
        // Of 23 degrees of freedom, 0.1 % are beyond 49.7.
        assert!(counts.len() == 24 && chi_squared < 49.7 && chi_squared > 4.0, "{chi_squared}");
    }

    /// Chi squared of counts that should be equal, in deviations from what it should be.
    fn surprise(counts: &[u32]) -> f64 {
        let expected =
            counts.iter().map(|&count| f64::from(count)).sum::<f64>() / counts.len() as f64;
        let chi_squared: f64 =
            counts.iter().map(|&count| (f64::from(count) - expected).powi(2) / expected).sum();
        let freedom = (counts.len() - 1) as f64;
        (chi_squared - freedom) / (2.0 * freedom).sqrt()
    }

    #[test]
    fn networks_look_like_any_permutation() {
        // A square and the number after it, where the walk is longest.
        for n in [4356_u64, 4357, 5000] {
            let (draws, cells) = (400, 5_u64);
            let cell = |number: u64| (number * cells / n) as usize;
            let mut pairs = vec![vec![0_u32; 25]; 3];
            let (mut fixed, mut rises, mut odd) = (0.0, 0.0, 0);
            for stream in 0..draws {
                let numbers = all(5, stream, n);
                // Two places next to each other, two in a column of the square, and a place with the same one of the next stream.
                let side = ((n - 1).isqrt() as usize + 1).next_multiple_of(2);
                for (counts, (a, b)) in
                    pairs.iter_mut().zip([(0, 1), (3, 3 + side), (n as usize - 1, n as usize / 2)])
                {
                    counts[cell(numbers[a]) * 5 + cell(numbers[b])] += 1;
                }
                fixed +=
                    (0..n).zip(&numbers).filter(|(place, number)| place == *number).count() as f64;
                rises += numbers.windows(2).filter(|pair| pair[0] < pair[1]).count() as f64;
                odd += u32::from(cycles(&numbers) % 2 == 1);
            }
            for counts in &pairs {
                let surprise = surprise(counts);
                assert!(surprise.abs() < 4.0, "{n}: {surprise}");
            }
            let draws = f64::from(draws);
            // Places that keep their number: 1 on average, with variance 1. Rises: half of the pairs, with variance (n + 1) / 12.
            assert!((fixed / draws - 1.0).abs() < 4.0 / draws.sqrt(), "{n}: {}", fixed / draws);
            let deviation = ((n + 1) as f64 / 12.0 / draws).sqrt();
            assert!(
                (rises / draws - (n - 1) as f64 / 2.0).abs() < 4.0 * deviation,
                "{n}: {}",
                rises / draws
            );
            // Even and odd orders.
            assert!((f64::from(odd) / draws - 0.5).abs() < 2.0 / draws.sqrt(), "{n}: {odd}");
        }
    }

    fn cycles(numbers: &[u64]) -> usize {
        let mut seen = vec![false; numbers.len()];
        let mut cycles = 0;
        for first in 0..numbers.len() {
            cycles += usize::from(!seen[first]);
            let mut at = first;
            while !std::mem::replace(&mut seen[at], true) {
                at = numbers[at] as usize;
            }
        }
        cycles
    }
}
