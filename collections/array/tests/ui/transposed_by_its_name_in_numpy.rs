use taskweave_array::Array;

fn main() {
    let x = Array::<f64, _>::ones([2, 3]);
    let _ = x.transpose().compute();
}
// Remedy: `x.t()`, with an order of the axes `x.permuted_axes([1, 0])`.
