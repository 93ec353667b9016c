use taskweave_array::Array;

fn main() {
    let x = Array::<f64, _>::ones([4]);
    let y = -x.gt(0.5);
    let _ = y.compute();
}
// Remedy: `!x.gt(0.5)` is the other `bool`, as NumPy's `~`; `-x.gt(0.5).cast::<f64>()` is a number.
