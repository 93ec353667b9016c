use taskweave::prelude::*;
use taskweave::static_graph;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

static_graph! {
    pub struct Filter { x: f64 } {
        let low = half(x);
        low
    }
}

fn main() {}
