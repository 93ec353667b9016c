use ndarray::Ix2;
use taskweave_array::{Array, Error};

fn main() -> Result<(), Error> {
    let x = Array::<f64, Ix2>::from_npy("x.npy")?;
    x.compute()?;
    Ok(())
}
// Remedy: a step gives an array, which carries its error: leave the `?` out. `x.compute()?` gives the first error of all steps, and `x.check()?` does before anything runs.
