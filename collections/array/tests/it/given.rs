//! What the tests compute with: arrays of any shape in any chunks, from a seed that a failure prints.

use ndarray::{ArrayD, IxDyn, SliceInfo, SliceInfoElem};
use taskweave_array::{Array, Chunks, Element};

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

    /// A uniform number from 0 to 1.
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 * 2_f64.powi(-53)
    }

    /// A normal number, by Box and Muller's method.
    pub fn normal(&mut self) -> f64 {
        let (radius, angle) = ((-2.0 * (1.0 - self.unit()).ln()).sqrt(), self.unit());
        radius * (std::f64::consts::TAU * angle).cos()
    }

    /// Some of the axes, in any order.
    pub fn axes(&mut self, rank: usize) -> Vec<usize> {
        let mut axes: Vec<usize> = (0..rank).filter(|_| self.below(2) == 0).collect();
        if self.below(2) == 0 {
            axes.reverse();
        }
        axes
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

    /// An array of elements that `value` gives, and the same in chunks, [`viewed`](Given::viewed).
    pub fn pair<A: Element>(
        &mut self,
        shape: &[usize],
        mut value: impl FnMut(&mut Given) -> A,
    ) -> (ArrayD<A>, Array<A, IxDyn>) {
        let values = ArrayD::from_shape_simple_fn(IxDyn(shape), || value(self));
        let array = self.viewed(&values);
        (values, array)
    }

    /// The array in some chunks: as it lies, or as a view of another one, with axes in another order, backwards, a part with steps; now and then with blocks of its own.
    pub fn viewed<A: Element>(&mut self, values: &ArrayD<A>) -> Array<A, IxDyn> {
        let rank = values.ndim();
        let mut order: Vec<usize> = (0..rank).collect();
        if self.below(2) == 0 {
            (1..rank).for_each(|at| order.swap(at, self.below(at + 1)));
        }
        let turned = values.view().permuted_axes(IxDyn(&order));
        let (mut shape, mut parts) = (Vec::new(), Vec::new());
        let is_part = self.below(2) == 0;
        for &len in turned.shape() {
            let (start, step, more) = match is_part {
                true => (self.below(3), [1_isize, 1, 2, 3, -1, -2][self.below(6)], self.below(3)),
                false => (0, 1, 0),
            };
            let end = start + len.saturating_sub(1) * step.unsigned_abs() + len.min(1);
            shape.push(end + more);
            let (start, end) = (start as isize, Some(end as isize));
            parts.push(SliceInfoElem::Slice { start, end, step });
        }
        let info: SliceInfo<_, IxDyn, IxDyn> = SliceInfo::try_from(parts).unwrap();
        let mut whole = ArrayD::from_elem(IxDyn(&shape), A::default());
        whole.slice_mut(&info).assign(&turned);
        let mut back = order.clone();
        order.iter().enumerate().for_each(|(at, &axis)| back[axis] = at);
        let array = Array::from_ndarray(whole).rechunk(self.chunks(&shape));
        let array = array.slice(&info).permuted_axes(IxDyn(&back));
        match self.below(4) {
            0 => array.map_blocks(|block, _| block.to_owned()),
            1 => array.rechunk(self.chunks(values.shape())),
            _ => array,
        }
    }
}
