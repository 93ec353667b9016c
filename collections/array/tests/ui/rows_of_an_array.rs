use ndarray::Axis;
use taskweave_array::Array;

fn main() {
    let x = Array::<f64, _>::ones([4, 2]);
    let sums: Vec<_> = x.axis_iter(Axis(0)).map(|row| row.sum()).collect();
    let _ = sums;
}
// Remedy: `x.sum_axis(Axis(1))`, `x.map_axis(Axis(1), |row| …)`, or `x.compute()?.axis_iter(Axis(0))`.
