use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let _graph = graph!({
        let x = half(1.0);
        assert!(x > 0.0);
        x
    });
}
// Remedy: assert it in a task, `.map(|x| { assert!(x > 0.0); x })`, or of what `compute` returns.
