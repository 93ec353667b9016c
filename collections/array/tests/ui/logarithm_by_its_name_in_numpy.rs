use taskweave_array::Array;

fn main() {
    let x = Array::<f64, _>::ones([4]);
    let _ = x.log().sum().compute();
}
// Remedy: `x.ln()`.
