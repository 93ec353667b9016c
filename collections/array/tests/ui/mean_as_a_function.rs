use taskweave_array as array;

fn main() {
    let x = array::Array::<f64, _>::ones([4]);
    let _ = array::mean(&x).compute();
}
// Remedy: what NumPy has as functions of an array are methods of it, `x.mean()`, `mask.where_(&x, &y)`; functions are those of several arrays alike, such as `concatenate`.
