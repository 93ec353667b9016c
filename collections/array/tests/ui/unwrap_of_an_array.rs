use ndarray::Ix2;
use taskweave_array::Array;

fn main() {
    let x = Array::<f64, Ix2>::from_npy("x.npy").unwrap();
    let _ = x.compute();
}
// Remedy: a step gives an array, which carries its error: `x.compute()` gives the first error of all steps, and `x.check()` does before anything runs.
