use ndarray::{Array2, Ix2};
use taskweave::array::Array;
use taskweave::prelude::*;

#[delayed]
fn rows(x: &Array2<f64>) -> usize {
    x.nrows()
}

fn main() {
    let x = Array::<f64, Ix2>::zeros([4, 2]);
    let _graph = graph!({ rows(&x) });
}
// Remedy: `rows(x.clone())`, which copies no elements.
