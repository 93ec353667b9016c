use taskweave_array::Array;

fn main() {
    let x = Array::<f64, _>::ones([4]);
    let total: f64 = x.sum().into_scalar();
    let _ = total;
}
// Remedy: `x.sum().compute()?.into_scalar()`.
