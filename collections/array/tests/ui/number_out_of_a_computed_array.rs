use taskweave_array::{Array, Error};

fn main() -> Result<(), Error> {
    let x = Array::<f64, _>::ones([4]);
    let total: f64 = x.sum().compute()?;
    let _ = total;
    Ok(())
}
// Remedy: what is computed is an array of rank 0, whose number is `x.sum().compute()?.into_scalar()`.
