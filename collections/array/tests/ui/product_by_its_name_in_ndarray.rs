use ndarray::Axis;
use taskweave_array::Array;

fn main() {
    let x = Array::<f64, _>::ones([4, 3]);
    let _ = x.product_axis(Axis(0)).compute();
}
// Remedy: `x.prod_axis(Axis(0))`.
