use taskweave_array::Array;

fn main() {
    let x = Array::<f64, _>::ones([2, 2]);
    let _ = x.matmul(&x).compute();
}
// Remedy: `x.dot(&x)`, of stacks of matrices `einsum("bij,bjk->bik", (&x, &x))`.
