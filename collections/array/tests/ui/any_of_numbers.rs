use taskweave_array::Array;

fn main() {
    let x = Array::<f64, _>::ones([4]);
    let some = x.any();
    let _ = some.compute();
}
// Remedy: compare first: `x.not_equal(0.0).any()`.
