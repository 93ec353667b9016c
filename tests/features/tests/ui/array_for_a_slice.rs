use ndarray::Ix1;
use taskweave::array::Array;
use taskweave::prelude::*;

#[delayed]
fn longest(x: &[f64]) -> f64 {
    x.iter().copied().fold(0.0, f64::max)
}

fn main() {
    let x = Array::<f64, Ix1>::zeros([4]);
    let _graph = graph!({ longest(x.clone()) });
}
// Remedy: the parameter is `x: &Array1<f64>`, and `x.as_slice()` the slice.
