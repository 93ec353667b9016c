use num_complex::Complex;
use taskweave_array::Array;

fn main() {
    let z = Array::<Complex<f64>, _>::ones([4]);
    let least = z.min();
    let _ = least.compute();
}
// Remedy: say which order: `z.modulus().min()`.
