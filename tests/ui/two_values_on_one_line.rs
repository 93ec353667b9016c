use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let x = 2.0;
    let _graph = graph!({
        let y = half half(x);
        half(y)
    });
}
// Remedy: write one value, and a `;` behind it.
