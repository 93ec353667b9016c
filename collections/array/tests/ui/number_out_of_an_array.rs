use taskweave_array::Array;

fn main() {
    let x = Array::<f64, _>::ones([4]);
    let total: f64 = x.sum();
    let _ = total;
}
// Remedy: compute it: `x.sum().compute()?.into_scalar()`.
