use taskweave::prelude::*;

#[delayed]
fn half(x: f64): f64 {
    x / 2.0
}

fn main() {
    let graph = graph!({ half(half(1.0)) });
    let _ = graph.compute();
}

// Remedy: `-> f64`.
