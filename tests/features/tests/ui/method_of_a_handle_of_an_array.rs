use ndarray::{Array2, Ix2};
use taskweave::array::Array;
use taskweave::prelude::*;

#[delayed]
fn doubled(x: Array2<f64>) -> Array2<f64> {
    x * 2.0
}

fn main() {
    let x = Array::<f64, Ix2>::zeros([4, 2]);
    let _graph = graph!({ doubled(x.clone()).sum_axis(ndarray::Axis(0)) });
}
// Remedy: `doubled(x.clone()).map(|x| x.sum_axis(Axis(0)))` is a task.
