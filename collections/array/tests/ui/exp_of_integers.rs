use taskweave_array::Array;

fn main() {
    let n = Array::arange(0, 10, 1);
    let y = n.exp();
    let _ = y.compute();
}
// Remedy: `n.cast::<f64>().exp()`.
