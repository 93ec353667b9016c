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
    let _graph = graph!({
        let both = (half(1.0), half(2.0));
        add(both)
    });
}
// Remedy: pass the elements: `add(both.0, both.1)`.
