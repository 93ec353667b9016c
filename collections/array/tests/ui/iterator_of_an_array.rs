use taskweave_array::Array;

fn main() {
    let x = Array::<f64, _>::ones([4]);
    let total: f64 = x.iter().sum();
    let _ = total;
}
// Remedy: `x.sum()`, or `x.compute()?.iter()`.
