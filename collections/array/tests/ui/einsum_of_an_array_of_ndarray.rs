use ndarray::arr2;
use taskweave_array::{Array, einsum};

fn main() {
    let x = Array::<f64, _>::ones([2, 2]);
    let y = einsum("ij,jk->ik", (&x, &arr2(&[[1.0, 2.0], [3.0, 4.0]])));
    let _ = y.compute();
}
// Remedy: `einsum("ij,jk->ik", (&x, &Array::from([[1.0, 2.0], [3.0, 4.0]])))`.
