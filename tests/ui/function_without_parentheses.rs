use taskweave::prelude::*;

#[delayed]
fn one -> f64 {
    1.0
}
#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let _graph = graph!({ half(one()) });
}
// Remedy: `fn one() -> f64`.
