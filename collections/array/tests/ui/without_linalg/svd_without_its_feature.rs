use taskweave_array::{Array, Error};

fn main() -> Result<(), Error> {
    let x = Array::<f64, _>::ones([20, 5]);
    let (_u, s, _vt) = x.svd();
    println!("{}", s.compute()?);
    Ok(())
}
