use ndarray::Axis;
use taskweave_array::concatenate;

fn main() {
    let both = concatenate(Axis(0), [1.0, 2.0]);
    let _ = both.compute();
}
// Remedy: `Array::from(vec![1.0, 2.0])`.
