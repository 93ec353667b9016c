use taskweave_array::Array;

fn main() {
    let mut x = Array::<f64, _>::zeros([4]);
    x += 1;
    let _ = x.compute();
}
// Remedy: write the number as one of the element type of the array: `x += 1.0`.
