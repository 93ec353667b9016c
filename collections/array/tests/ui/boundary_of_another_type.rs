use taskweave_array::{Array, Boundary};

fn main() {
    let x = Array::<f64, _>::ones([4]);
    let y = x.map_overlap(1, Boundary::Constant(0), |block| block.to_owned());
    let _ = y.compute();
}
// Remedy: `Boundary::Constant(0.0)`.
