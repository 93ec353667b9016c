use taskweave_array::Array;

fn main() {
    let x = Array::<f64, _>::ones([4, 4]);
    let _ = x.det().compute();
}
// Remedy: `x.qr().1.diag().prod()`.
