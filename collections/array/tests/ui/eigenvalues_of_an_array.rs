use taskweave_array::Array;

fn main() {
    let x = Array::<f64, _>::ones([4, 4]);
    let (values, _) = x.eig();
    let _ = values.compute();
}
// Remedy: `x.svd().1`.
