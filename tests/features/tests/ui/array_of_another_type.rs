use ndarray::{Array2, Ix2};
use taskweave::array::Array;
use taskweave::prelude::*;

#[delayed]
fn largest(x: Array2<f32>) -> f32 {
    x.into_iter().fold(0.0, f32::max)
}

fn main() {
    let x = Array::<f64, Ix2>::zeros([4, 2]);
    let _graph = graph!({ largest(x.clone()) });
}
// Remedy: the argument is cast, `x.cast::<f32>()`, or the parameter is `x: Array2<f64>`.
