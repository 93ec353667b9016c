use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let graph = graph!({ |x: f64| half(x) });
    drop(graph);
}
