use taskweave_array::Array;

fn main() {
    let x = Array::<f64, _>::ones([4, 2]);
    let element = x[[0, 1]];
    let _: f64 = element;
}
// Remedy: `x.compute()?[[0, 1]]`.
