use taskweave_array::Array;

fn main() {
    let x = Array::<f64, _>::zeros([4, 2]);
    let y = 1 - &x;
    let _ = y.compute();
}
// Remedy: write the number as one of the element type of the array: `1.0 - &x`.
