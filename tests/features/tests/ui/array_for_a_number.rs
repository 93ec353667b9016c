use ndarray::Ix2;
use taskweave::array::Array;
use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let x = Array::<f64, Ix2>::zeros([4, 2]);
    let _graph = graph!({ half(x.mean()) });
}
// Remedy: the parameter is `x: Array0<f64>`, and `x.into_scalar()` the number; or `half(x.mean().await.into_scalar())`.
