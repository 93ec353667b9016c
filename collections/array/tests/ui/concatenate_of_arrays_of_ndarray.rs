use ndarray::{Axis, arr1};
use taskweave_array::concatenate;

fn main() {
    let (x, y) = (arr1(&[1.0]), arr1(&[2.0]));
    let both = concatenate(Axis(0), [&x, &y]);
    let _ = both.compute();
}
// Remedy: `concatenate(Axis(0), [Array::from(x), Array::from(y)])`.
