use taskweave_array::Array;

fn main() {
    let is_large = Array::arange(0, 10, 1).gt(5);
    let spread = is_large.std(0.0);
    let _ = spread.compute();
}
// Remedy: `is_large.cast::<f64>().std(0.0)`.
