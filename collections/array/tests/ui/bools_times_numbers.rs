use taskweave_array::Array;

fn main() {
    let x = Array::<f64, _>::ones([4]);
    let y = x.gt(0.5) * &x;
    let _ = y.compute();
}
// Remedy: `x.gt(0.5).cast::<f64>() * &x`, or `x.gt(0.5).where_(&x, 0.0)`.
