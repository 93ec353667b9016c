use taskweave_array::Array;

fn main() {
    let x = Array::<f64, _>::ones([4, 2]);
    let _ = x.T.compute();
}
// Remedy: `x.t()`.
