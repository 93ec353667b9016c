use taskweave_array::Array;

fn main() {
    let x = Array::<f64, _>::ones([4]);
    let y = 1.0 - x.gt(0.5);
    let _ = y.compute();
}
// Remedy: `1.0 - x.gt(0.5).cast::<f64>()`; of `bool`s alone `!x.gt(0.5)`.
