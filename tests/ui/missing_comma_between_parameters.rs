use taskweave::prelude::*;

#[delayed]
fn add(a: f64 b: f64) -> f64 {
    a + b
}

fn main() {
    let _graph = graph!({ add(1.0, 2.0) });
}
// Remedy: `fn add(a: f64, b: f64)`.
