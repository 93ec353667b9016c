use taskweave_array::Array;

fn main() {
    let x = Array::<f64, _>::ones([4]);
    let _ = x.power(2.0).sum().compute();
}
// Remedy: `x.powf(2.0)`.
