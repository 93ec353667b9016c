#![deny(dead_code)]
use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}
#[delayed]
fn third(x: f64) -> Result<f64, String> {
    Ok(x / 3.0)
}

fn main() {
    let graph = graph!(half(1.0));
    assert_eq!(graph.compute().ok(), Some(0.5));
}
// Remedy: remove `third`, or use it.
