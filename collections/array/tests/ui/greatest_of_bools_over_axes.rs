use taskweave_array::Array;

fn main() {
    let is_large = Array::<f64, _>::zeros([4, 2]).gt(0.5);
    let greatest = is_large.over([0]).keep_dims().max();
    let _ = greatest.compute();
}
// Remedy: `any` is the greatest of `bool`s, `all` the least: `is_large.over([0]).keep_dims().any()`.
