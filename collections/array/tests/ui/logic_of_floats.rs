use taskweave_array::Array;

fn main() {
    let x = Array::<f64, _>::ones([4]);
    let y = &x & &x;
    let _ = y.compute();
}
