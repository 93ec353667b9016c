use taskweave::assert_graph;
use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let graph = graph!({ half(1.0) });
    assert_graph!(graph, tasks == "one");
}
// Remedy: facts are numbers of type `usize`.
