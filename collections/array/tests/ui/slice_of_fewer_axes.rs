use ndarray::s;
use taskweave_array::Array;

fn main() {
    let x = Array::<f64, _>::ones([4, 2]);
    let y = x.slice(s![0..2]);
    let _ = y.compute();
}
// Remedy: `x.slice(s![0..2, ..])`.
