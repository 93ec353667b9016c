use ndarray::s;
use taskweave_array::Array;

fn main() {
    let x = Array::<f64, _>::ones([4, 2]);
    let row = x.slice(s![0]);
    let _ = row.compute();
}
// Remedy: `x.slice(s![0, ..])`, or `x.row(0)`.
