use taskweave_array::{Array, einsum};

fn main() {
    let x = Array::<f64, _>::ones([2, 2]);
    let y = einsum("ij,jk->ik", &x, &x);
    let _ = y.compute();
}
// Remedy: the operands are one argument: `einsum("ij,jk->ik", (&x, &x))`.
