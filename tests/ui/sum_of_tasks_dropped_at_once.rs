use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let _graph = graph!({
        let _ = half(1.0) + half(2.0);
        half(3.0)
    });
}
// Remedy: return it beside the result, or let a task come after it with `.after(&saved)`.
