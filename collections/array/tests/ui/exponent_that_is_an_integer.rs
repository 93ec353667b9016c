use taskweave_array::Array;

fn main() {
    let x = Array::<f64, _>::ones([4]);
    let y = x.powf(2);
    let _ = y.compute();
}
// Remedy: `x.powf(2.0)`; of whole exponents `x.powi(2)` is quicker.
