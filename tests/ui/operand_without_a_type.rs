use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let _graph = graph!({
        let n = "3".parse().unwrap();
        half(n + 1.0)
    });
}

// Remedy: `let n: f64 = ..`.
