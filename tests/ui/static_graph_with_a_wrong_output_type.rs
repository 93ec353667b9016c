use taskweave::prelude::*;
use taskweave::static_graph;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

static_graph! {
    pub struct Halved(x: f64) -> f32 {
        let out = half(x);
        out
    }
}

fn main() {}
// Remedy: write the type that the last task returns, or leave `-> T` away.
