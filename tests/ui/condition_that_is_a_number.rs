use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let values = vec![1.0];
    let _graph = graph!({ if values.len() { half(1.0) } else { half(2.0) } });
}
// Remedy: `if !values.is_empty()`.
