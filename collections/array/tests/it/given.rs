//! What the tests compute with: arrays of any shape in any chunks, from a seed that a failure prints.

use ndarray::{ArrayD, IxDyn};
use taskweave_array::{Array, Chunks};

/// Numbers that look random: splitmix64 (Steele, Lea, Flood, *Fast splittable pseudorandom number generators*, 2014).
pub struct Given(u64);

impl Given {
    pub fn seed(seed: u64) -> Given {
        Given(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        x ^ (x >> 31)
    }

    /// A number less than `n`.
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    /// A shape of up to four axes, now and then with an axis of length 0.
    pub fn shape(&mut self) -> Vec<usize> {
        let rank = self.below(5);
        let longest = [usize::MAX, 3000, 60, 16, 9][rank.max(1)];
        (0..rank)
            .map(|_| match self.below(12) {
                0 => 0,
                1 | 2 => 1,
                _ => 1 + self.below(longest),
            })
            .collect()
    }

    /// Chunks of an array of that shape: regular, of some bytes, or of any lengths.
    pub fn chunks(&mut self, shape: &[usize]) -> Chunks {
        match self.below(3) {
            0 => Chunks::bytes(8 << self.below(12)),
            1 => {
                let lengths: Vec<usize> =
                    shape.iter().map(|&len| 1 + self.below(len.max(1))).collect();
                Chunks::from(&lengths[..])
            }
            _ => Chunks::from(shape.iter().map(|&len| self.parts(len)).collect::<Vec<_>>()),
        }
    }

    /// Lengths that add up to `len`.
    fn parts(&mut self, len: usize) -> Vec<usize> {
        let mut parts = Vec::new();
        let mut left = len;
        while left > 0 {
            let part = 1 + self.below(left.min(1 + len / 2));
            parts.push(part);
            left -= part;
        }
        if parts.is_empty() { vec![0] } else { parts }
    }

    /// Small whole numbers, of which sums are exact in any order.
    pub fn whole(&mut self, shape: &[usize]) -> ArrayD<f64> {
        ArrayD::from_shape_simple_fn(IxDyn(shape), || self.below(2001) as f64 - 1000.0)
    }

    /// The array in some chunks, now and then with blocks of its own, where a function has been applied that leaves it as it is.
    pub fn chunked(&mut self, values: &ArrayD<f64>) -> Array<f64, IxDyn> {
        let chunks = self.chunks(values.shape());
        let array = Array::from_ndarray(values.clone()).rechunk(chunks);
        match self.below(3) {
            // Read twice, so it is computed as blocks of its own.
            0 => {
                let other = array.mapv(|x| x + 1.0);
                let sum = (&other - 1.0) + (&other - other.rechunk(self.chunks(values.shape())));
                sum.rechunk(self.chunks(values.shape()))
            }
            _ => array,
        }
    }
}
