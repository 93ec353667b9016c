use taskweave_array::Array;

fn main() {
    let x = Array::<f64, _>::ones([4]);
    let y = x.reshape([-1, 2]);
    let _ = y.compute();
}
// Remedy: `x.reshape([INFERRED, 2])`, with `taskweave::array::INFERRED`.
