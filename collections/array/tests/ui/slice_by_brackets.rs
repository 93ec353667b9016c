use taskweave_array::Array;

fn main() {
    let x = Array::<f64, _>::ones([4]);
    let part = &x[1..3];
    let _ = part;
}
// Remedy: `x.slice(s![1..3])`.
