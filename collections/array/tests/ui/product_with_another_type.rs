use taskweave_array::Array;

fn main() {
    let x = Array::<f64, _>::ones([2, 2]);
    let y = x.dot(&Array::from([1, 2]));
    let _ = y.compute();
}
// Remedy: `x.dot(&Array::from([1.0, 2.0]))`, or `.cast::<f64>()` of what is there already.
