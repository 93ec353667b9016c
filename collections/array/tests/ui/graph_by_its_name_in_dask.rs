use taskweave_array::Array;

fn main() {
    let x = Array::<f64, _>::ones([4]);
    x.sum().visualize();
}
// Remedy: `x.sum().to_graph()?.to_dot()`.
