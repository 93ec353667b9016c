use ndarray::{Array2, ArrayView1};
use taskweave::prelude::*;

#[delayed]
fn first(x: &Array2<f64>) -> ArrayView1<f64> {
    x.row(0)
}

fn main() {}
