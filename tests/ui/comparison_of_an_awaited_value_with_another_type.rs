use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let _graph = graph!({
        let x = half(1.0);
        if x.await < 10 { half(1.0) } else { half(2.0) }
    });
}
// Remedy: `x.await < 10.0`.
