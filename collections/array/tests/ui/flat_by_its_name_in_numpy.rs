use taskweave_array::Array;

fn main() {
    let x = Array::<f64, _>::ones([2, 3]);
    let _ = x.ravel().compute();
}
// Remedy: `x.flatten()`.
