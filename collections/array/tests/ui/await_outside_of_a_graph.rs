use taskweave_array::Array;

fn main() {
    let x = Array::<f64, _>::ones([2, 2]);
    let _ = async { x.mean().await };
}
// Remedy: `x.mean().compute()?` computes; `.await` is for `graph!`, and for runs in the background, `graph.spawn()`.
