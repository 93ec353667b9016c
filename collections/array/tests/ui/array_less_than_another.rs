use taskweave_array::Array;

fn main() {
    let (x, y) = (Array::<f64, _>::ones([4]), Array::<f64, _>::zeros([4]));
    let is_less = x < y;
    let _ = is_less;
}
