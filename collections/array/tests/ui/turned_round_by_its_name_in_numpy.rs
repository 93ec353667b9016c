use ndarray::Axis;
use taskweave_array::Array;

fn main() {
    let x = Array::<f64, _>::ones([4]);
    let _ = x.flip(Axis(0)).compute();
}
// Remedy: `x.invert_axis(Axis(0))`, along every axis that is to be turned round.
