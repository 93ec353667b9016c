use taskweave_array::Array;

fn main() {
    let x = Array::arange(0, 6, 1);
    let found = x.isin(vec![1, 4]);
    let _ = found.compute();
}
// Remedy: `x.isin(Array::from(vec![1, 4]))`.
