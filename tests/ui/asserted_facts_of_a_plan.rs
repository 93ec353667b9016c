use taskweave::prelude::*;
use taskweave::assert_graph;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let plan = graph!(half(1.0)).freeze().unwrap();
    assert_graph!(plan, tasks == 1);
}
// Remedy: assert the facts of the graph, before it is frozen.
