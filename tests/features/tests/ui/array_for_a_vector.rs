use ndarray::Ix1;
use taskweave::array::Array;
use taskweave::prelude::*;

#[delayed]
fn longest(x: Vec<f64>) -> f64 {
    x.into_iter().fold(0.0, f64::max)
}

fn main() {
    let x = Array::<f64, Ix1>::zeros([4]);
    let _graph = graph!({ longest(x.clone()) });
}
// Remedy: the parameter is `x: Array1<f64>` or `&Array1<f64>`, which has `iter()` and `to_vec()`.
