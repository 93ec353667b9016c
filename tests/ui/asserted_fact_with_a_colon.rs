use taskweave::prelude::*;
use taskweave::assert_graph;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let graph = graph!(half(1.0));
    assert_graph!(graph, tasks: 1);
}
