use taskweave_array::Array;

fn main() {
    let x = Array::<f64, _>::zeros([4]);
    let n = Array::arange(0, 4, 1);
    let y = &x + &n;
    let _ = y.compute();
}
// Remedy: convert one of them: `&x + n.cast::<f64>()`.
