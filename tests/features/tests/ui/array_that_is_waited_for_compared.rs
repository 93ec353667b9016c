use ndarray::{Array2, Ix2};
use taskweave::array::Array;
use taskweave::prelude::*;

#[delayed]
fn halved(x: Array2<f64>) -> Array2<f64> {
    x / 2.0
}

fn main() {
    let x = Array::<f64, Ix2>::ones([4, 2]);
    let _graph = graph!({
        let mut y = x.clone();
        while y.max().await > 0.1 {
            y = &y / 2.0;
        }
        halved(y)
    });
}
// Remedy: `while y.max().await.into_scalar() > 0.1`.
