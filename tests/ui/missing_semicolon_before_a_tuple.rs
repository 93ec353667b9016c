use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let _graph = graph!({
        let a = half(1.0)
        (a, 2.0)
    });
}
// Remedy: `let a = half(1.0);`.
