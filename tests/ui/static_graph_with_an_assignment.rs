use taskweave::prelude::*;
use taskweave::static_graph;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

static_graph! {
    pub struct Quarter(a: f64) {
        let x = half(a);
        x = half(x);
        x
    }
}

fn main() {}
// Remedy: a name of its own for the next value: `let y = half(x);`
