use taskweave::prelude::*;
use taskweave::static_graph;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}
#[delayed]
fn add(a: f64, b: f64) -> f64 {
    a + b
}

static_graph! {
    pub struct Filter(x: str) {
        let low = half(x.len() as f64);
        let peak = add(low, 1.0);
        peak
    }
}

fn main() {}
