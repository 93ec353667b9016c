#![deny(warnings)]
use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let graph = graph!({
        let (a, b) = (half(2.0), half(6.0));
        (a + b).await * 2.0
    });
    assert_eq!(graph.compute().unwrap(), 8.0);
}
