use taskweave_array::Array;

fn main() {
    let x = Array::<f64, _>::ones([4]);
    let chosen = x.where_(1.0, 0.0);
    let _ = chosen.compute();
}
// Remedy: the condition comes first: `x.gt(0.0).where_(1.0, 0.0)`.
