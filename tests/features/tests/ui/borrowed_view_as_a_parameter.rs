use ndarray::ArrayView2;
use taskweave::prelude::*;

#[delayed]
fn rows(x: &ArrayView2<'_, f64>) -> usize {
    x.nrows()
}

fn main() {}
