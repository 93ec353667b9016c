use taskweave_array::Array;

fn main() {
    let x = Array::<f64, _>::ones([4]);
    let y = x.map_overlap(1, "periodic", |block| block.to_owned());
    let _ = y.compute();
}
// Remedy: `Boundary::Periodic`.
