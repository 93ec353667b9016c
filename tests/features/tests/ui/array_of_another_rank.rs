use ndarray::{Array2, Ix1};
use taskweave::array::Array;
use taskweave::prelude::*;

#[delayed]
fn rows(x: &Array2<f64>) -> usize {
    x.nrows()
}

fn main() {
    let x = Array::<f64, Ix1>::zeros([4]);
    let _graph = graph!({ rows(x.clone()) });
}
// Remedy: `Dim<[usize; 1]>` is a vector: the parameter is `x: &Array1<f64>`, or the argument a matrix, such as `x.insert_axis(Axis(1))`.
