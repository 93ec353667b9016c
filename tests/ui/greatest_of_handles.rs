use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let _graph = graph!({
        let halves = vec![half(1.0), half(4.0)];
        halves.iter().max_by(|a, b| a.total_cmp(b))
    });
}
// Remedy: hand the `Vec` to a delayed function, or wait for the values with `gather(halves).await`.
