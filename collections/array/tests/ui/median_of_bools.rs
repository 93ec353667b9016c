use taskweave_array::Array;

fn main() {
    let is_large = Array::arange(0, 10, 1).gt(5);
    let middle = is_large.median();
    let _ = middle.compute();
}
// Remedy: `is_large.cast::<u8>().median()`, an `f64`.
