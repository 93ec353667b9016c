use ndarray::Axis;
use taskweave_array::{Array, concatenate};

fn main() {
    let (x, y) = (Array::<f64, _>::ones([4]), Array::<f64, _>::ones([4, 2]));
    let both = concatenate(Axis(0), (&x, &y));
    let _ = both.compute();
}
// Remedy: `x.insert_axis(Axis(1))` is a matrix of one column.
