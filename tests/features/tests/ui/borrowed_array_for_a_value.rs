use ndarray::{Array2, Ix2};
use taskweave::array::Array;
use taskweave::prelude::*;

#[delayed]
fn doubled(x: Array2<f64>) -> Array2<f64> {
    x * 2.0
}

fn main() {
    let x = Array::<f64, Ix2>::zeros([4, 2]);
    let _graph = graph!({ doubled(&x) });
}
// Remedy: `doubled(x.clone())`, which copies no elements.
