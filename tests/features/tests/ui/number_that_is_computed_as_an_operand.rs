use ndarray::{Array2, Ix2};
use taskweave::array::Array;
use taskweave::prelude::*;

#[delayed]
fn largest(x: &Array2<f64>) -> f64 {
    x.iter().copied().fold(0.0, f64::max)
}

fn main() {
    let x = Array::<f64, Ix2>::zeros([4, 2]);
    let _graph = graph!({ &x / largest(x.clone()) });
}
// Remedy: wait for the number, `&x / largest(x.clone()).await`, or use one of arrays: `&x / x.max()`.
