use taskweave_array::Array;

fn main() {
    let x = Array::<f64, _>::ones([4]);
    if x.gt(0.5) {
        println!("large");
    }
}
// Remedy: an array of `bool` is no condition: make one of all of them with `all` or `any`, and compute it: `if x.gt(0.5).any().compute()?.into_scalar()`; to choose element by element, `x.gt(0.5).where_(&y, &z)`.
