use taskweave::prelude::*;

#[delayed]
fn power(x, exponent: f64) -> f64 {
    x.powf(exponent)
}
#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let _graph = graph!({ half(power(2.0, 3.0)) });
}
// Remedy: `x: f64`.
