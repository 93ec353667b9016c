use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

#[rustfmt::skip]
fn main() {
    let _graph = graph!({
        let x = half(1,5);
        half(x)
    });
}

// Remedy: `half(1.5)`.
