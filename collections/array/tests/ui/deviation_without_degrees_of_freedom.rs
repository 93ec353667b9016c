use taskweave_array::Array;

fn main() {
    let x = Array::<f64, _>::ones([4, 4]);
    let _ = x.std().compute();
}
// Remedy: `x.std(0.0)`.
