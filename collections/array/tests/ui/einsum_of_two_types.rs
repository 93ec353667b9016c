use ndarray::arr1;
use taskweave_array::{Array, einsum};

fn main() {
    let x = Array::<f64, _>::ones([2, 2]);
    let y = einsum("ij,j->i", (&x, arr1(&[1_i64, 2])));
    let _ = y.compute();
}
// Remedy: the operands are of one type of elements: `Array::from(vec![1_i64, 2]).cast::<f64>()`.
