use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}
#[delayed]
fn add(a: f64, b: f64) -> f64 {
    a + b
}

fn main() {
    let _graph: Graph<'_, f64> = graph!({
        let x = half(1.0)
        add(x, half(2.0))
    });
}
// Remedy: write the `;`.
