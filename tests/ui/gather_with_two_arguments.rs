use taskweave::gather;
use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let _graph = graph!({
        let (a, b) = gather(half(1.0), half(2.0)).await;
        a + b
    });
}
// Remedy: gather a tuple: `gather((half(1.0), half(2.0))).await`.
