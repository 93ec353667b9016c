use taskweave_array::Array;

fn main() {
    let x = Array::<f64, _>::ones([4]);
    let is_zero = x == 0.0;
    let _ = is_zero;
}
