use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let start = 1.0;
    let _graph = graph!({
        let first = start.await;
        half(first)
    });
}
