use taskweave_array::Array;

fn main() {
    let x = Array::<f64, _>::ones([4]);
    let _ = x.clamp(0.0, 1.0).compute();
}
// Remedy: `x.clip(0.0, 1.0)`.
