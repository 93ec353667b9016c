use ndarray::Ix1;
use taskweave::array::Array;
use taskweave::prelude::*;

#[delayed]
fn longest(x: Vec<f64>) -> f64 {
    x.into_iter().fold(0.0, f64::max)
}

fn main() {
    let x = Array::<f64, Ix1>::zeros([4]);
    let _graph = graph!({ longest(vec![x.mean(), x.sum()]) });
}
// Remedy: the parameter is `x: Vec<Array0<f64>>`, whose numbers are `x.into_iter().map(|x| x.into_scalar())`.
