use taskweave_array::Array;

fn main() {
    let x = Array::<f64, _>::zeros([4, 2]);
    let sums = x.sum_axis(0);
    let _ = sums.compute();
}
// Remedy: an axis is `ndarray::Axis(0)`.
