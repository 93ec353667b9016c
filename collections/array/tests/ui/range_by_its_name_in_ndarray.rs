use taskweave_array::Array;

fn main() {
    let x = Array::range(0.0, 1.0, 0.1);
    let _ = x.compute();
}
// Remedy: `Array::arange(0.0, 1.0, 0.1)`.
