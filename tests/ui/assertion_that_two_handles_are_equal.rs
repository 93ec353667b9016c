use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let _graph = graph!({
        let x = half(1.0);
        assert_eq!(x, half(2.0));
        x
    });
}
// Remedy: assert it of what `compute` returns, or in a task that takes both.
