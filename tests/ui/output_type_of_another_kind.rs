use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let _graph: Graph<'_, String> = graph!({ half(1.0) });
}
// Remedy: a graph's type is that of its output: `Graph<'_, f64>`.
