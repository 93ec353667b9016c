use taskweave::prelude::*;
use taskweave::static_graph;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}
#[delayed]
fn add(a: f64, b: f64) -> f64 {
    a + b
}

static_graph! {
    pub struct Filter(sample: f64, #[cfg(unix)] offset: f64) {
        let low = add(sample, offset);
        low
    }
}

fn main() {}
// Remedy: two graphs of that name, one with `#[cfg(unix)]` and the input, one with `#[cfg(not(unix))]` and without it.
