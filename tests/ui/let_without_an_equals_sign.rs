use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let _graph = graph!({
        let x half(1.0);
        half(x)
    });
}
// Remedy: write the `=`.
