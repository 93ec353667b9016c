use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let names = vec!["a".to_owned()];
    let half = |x: f64| x / names.len() as f64;
    let graph = graph!({
        half(1.0)
    });
    println!("{:?}", graph.compute());
}
// Remedy: call a closure from outside the block as `(half)(x)`; that is a plain call.
