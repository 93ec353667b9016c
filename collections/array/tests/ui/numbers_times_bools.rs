use taskweave_array::Array;

fn main() {
    let x = Array::<f64, _>::ones([4]);
    let y = &x * x.gt(0.5);
    let _ = y.compute();
}
// Remedy: `&x * x.gt(0.5).cast::<f64>()`, or `x.gt(0.5).where_(&x, 0.0)`.
