//! What arrays are compared with: plain loops over the whole, in one block, and how near a number has to be.
//!
//! Tolerances are in parts of `epsilon`, the distance from 1 to the next number of the elements' type: one operation is off by half of it, times what comes out.

use crate::given::Given;
use ndarray::{ArrayD, Axis, Dimension, IxDyn};
use std::fmt::Debug;
use taskweave_runtime::Threads;

/// One to three workers.
pub struct Workers([Threads; 3]);

impl Workers {
    pub fn new() -> Workers {
        Workers([1, 2, 3].map(Threads::new))
    }

    pub fn some(&self, given: &mut Given) -> &Threads {
        &self.0[given.below(3)]
    }
}

/// A number, and how far from it another one may be. NaN and infinities are themselves.
#[derive(Clone, Debug)]
pub struct Near {
    pub value: f64,
    pub within: f64,
}

impl Near {
    pub fn is(&self, got: f64) -> bool {
        let is_same = got == self.value || got.is_nan() && self.value.is_nan();
        is_same || self.value.is_finite() && (got - self.value).abs() <= self.within
    }
}

/// Equal, where NaN equals NaN.
pub fn same(got: &f64, want: &f64) -> bool {
    got == want || got.is_nan() && want.is_nan()
}

/// `f` of the elements along the axes, in C order.
pub fn reduced<A: Clone, B>(a: &ArrayD<A>, axes: &[usize], f: impl Fn(Vec<A>) -> B) -> ArrayD<B> {
    let kept: Vec<usize> = (0..a.ndim()).filter(|axis| !axes.contains(axis)).collect();
    let mut sorted = axes.to_vec();
    sorted.sort_unstable();
    let order: Vec<usize> = kept.iter().chain(&sorted).copied().collect();
    let moved = a.view().permuted_axes(IxDyn(&order));
    let shape: Vec<usize> = kept.iter().map(|&axis| a.len_of(Axis(axis))).collect();
    ArrayD::from_shape_fn(IxDyn(&shape), |index| {
        let mut part = moved.view();
        for at in index.slice() {
            part = part.index_axis_move(Axis(0), *at);
        }
        f(part.iter().cloned().collect())
    })
}

/// Asserts the shape, and that each element is what it has to be.
#[track_caller]
pub fn check<G: Debug, W: Debug>(
    what: &str,
    got: &ArrayD<G>,
    want: &ArrayD<W>,
    is: impl Fn(&G, &W) -> bool,
) {
    assert_eq!(got.shape(), want.shape(), "{what}");
    for ((index, got), want) in got.indexed_iter().zip(want) {
        assert!(is(got, want), "{what}, at {:?}: {got:?} and not {want:?}", index.slice());
    }
}

/// Asserts what a reduction along these axes gives, in each of the forms that it has: along chosen axes, which stay or not, along one, of all.
macro_rules! in_each_form {
    ($what:expr, $workers:expr, $x:expr, $axes:expr, $want:expr, $is:expr,
        $name:ident, $along:ident $(, $argument:expr)?) => {{
        let (x, axes, want) = (&$x, &$axes[..], $want);
        let what = format!("{} of {}, axes {axes:?}", stringify!($name), $what);
        let mut forms = vec![x.over(axes).$name($($argument)?)];
        if let &[axis] = axes {
            forms.push(x.$along(ndarray::Axis(axis) $(, $argument)?));
        }
        if axes.len() == x.ndim() {
            forms.push(x.$name($($argument)?).into_dyn());
        }
        for form in forms {
            $crate::plain::check(&what, &form.compute_on($workers).unwrap(), &want, $is);
        }
        let kept = x.over(axes).keep_dims().$name($($argument)?).compute_on($workers).unwrap();
        let mut shape = x.shape().to_vec();
        axes.iter().for_each(|&axis| shape[axis] = 1);
        assert_eq!(kept.shape(), shape, "{what}");
        let kept = kept.iter().copied().collect();
        let kept = ndarray::ArrayD::from_shape_vec(want.raw_dim(), kept).unwrap();
        $crate::plain::check(&what, &kept, &want, $is);
    }};
}
pub(crate) use in_each_form;

/// Those that are not NaN.
pub fn known(v: &[f64]) -> Vec<f64> {
    v.iter().copied().filter(|x| !x.is_nan()).collect()
}

/// The sum: several accumulators and a tree of sums are off by no more than 32 numbers that are added one after the other.
pub fn sum(v: &[f64], epsilon: f64) -> Near {
    let add = |(high, low): (f64, f64), &x: &f64| {
        let (high, rest) = two_sum(high, x);
        (high, low + rest)
    };
    let (high, low) = v.iter().fold((0.0, 0.0), add);
    // What is off is NaN, if the sum is beyond all numbers.
    let value = if low.is_nan() { v.iter().sum() } else { high + low };
    let size: f64 = v.iter().map(|x| x.abs()).sum();
    Near { value, within: epsilon * v.len().min(32) as f64 * size }
}

/// The mean: the sum, and one more rounding.
pub fn mean(v: &[f64], epsilon: f64) -> Near {
    let (sum, count) = (sum(v, epsilon), v.len() as f64);
    let value = sum.value / count;
    Near { value, within: sum.within / count + epsilon * value.abs() }
}

/// The variance, to its last digits however far from zero the numbers are.
pub fn variance(v: &[f64], ddof: f64, epsilon: f64) -> Near {
    let count = v.len() as f64;
    let squares =
        if v.iter().all(|x| x.is_finite()) { exact_variance(v) * count } else { f64::NAN };
    let value = squares / (count - ddof).max(0.0);
    Near { value, within: 8.0 * epsilon * value }
}

/// The standard deviation, of which half as much is off.
pub fn deviation(v: &[f64], ddof: f64, epsilon: f64) -> Near {
    let value = variance(v, ddof, epsilon).value.sqrt();
    Near { value, within: 4.0 * epsilon * value }
}

/// The sum of two numbers and what it is off by (Knuth, *The Art of Computer Programming*, volume 2, 4.2.2).
fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let of_b = sum - a;
    (sum, (a - (sum - of_b)) + (b - of_b))
}

/// The variance, of numbers of twice as many digits.
pub fn exact_variance(v: &[f64]) -> f64 {
    let add = |(high, low): (f64, f64), x: f64| {
        let (high, rest) = two_sum(high, x);
        (high, low + rest)
    };
    let count = v.len() as f64;
    let (high, low) = v.iter().fold((0.0, 0.0), |sum, &x| add(sum, x));
    let mean = high / count;
    // What is left of the sum when the rounded mean is taken from it so many times.
    let rest = (-mean).mul_add(count, high) + low;
    let squares = v.iter().fold((0.0, 0.0), |sum, &x| {
        let (high, low) = two_sum(x, -mean);
        let difference = high + (low - rest / count);
        let square = difference * difference;
        add(add(sum, square), difference.mul_add(difference, -square))
    });
    (squares.0 + squares.1) / count
}

/// Where the best element is, the first of several, or the first NaN.
pub fn place(v: &[f64], is_better: fn(f64, f64) -> bool) -> u64 {
    let mut best = 0;
    for at in 1..v.len() {
        if v[at].is_nan() && !v[best].is_nan() || is_better(v[at], v[best]) {
            best = at;
        }
    }
    best as u64
}
