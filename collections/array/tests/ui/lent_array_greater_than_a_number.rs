use taskweave_array::Array;

fn main() {
    let x = Array::<f64, _>::ones([4]);
    let is_large = &x > 0.5;
    let _ = is_large;
}
