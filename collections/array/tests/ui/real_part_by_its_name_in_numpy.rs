use num_complex::Complex;
use taskweave_array::Array;

fn main() {
    let x = Array::<Complex<f64>, _>::ones([4]);
    let _ = x.real().compute();
}
// Remedy: `x.re()`.
