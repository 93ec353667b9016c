use taskweave::prelude::*;

#[delayed]
fn scale(x: f64, by: f64 = 2.0) -> f64 {
    x * by
}

fn main() {
    let graph = graph!({ scale(1.0, 2.0) });
    let _ = graph.compute();
}

// Remedy: `by: f64`, and a number in each call.
