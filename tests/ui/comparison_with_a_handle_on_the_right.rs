use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let limit = 1.0_f64;
    let _graph = graph!({
        let x = half(1.0);
        if limit > x { half(1.0) } else { x }
    });
}
// Remedy: `limit > x.await`.
