use taskweave::prelude::*;
use taskweave::static_graph;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

static_graph! {
    pub struct Filter() {
        let high = -2.0;
        let low = half(high);
        low
    }
}

fn main() {}
