use taskweave_array::Array;

fn main() {
    let x = Array::<f64, _>::ones([4]);
    let y = x.map(|x| x + 1.0);
    let _ = y.compute();
}
// Remedy: `x.mapv(|x| x + 1.0)`.
