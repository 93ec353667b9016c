use taskweave_array::Array;

fn main() {
    let mut x = Array::<f64, _>::ones([4]);
    x.fill(2.0);
    let _ = x.compute();
}
// Remedy: `x = x.full_like(2.0)`.
