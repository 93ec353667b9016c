use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let _graph = graph!({
        let n = [1.0, 2.0].iter().sum();
        half(2.0 * n)
    });
}

// Remedy: `let n: f64 = ..`.
