use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let _graph = graph!({
        let halves = vec![half(1.0), half(4.0)];
        halves.iter().filter(|x| **x > 1.0).count()
    });
}
// Remedy: hand the `Vec` to a delayed function that counts, or wait for the values with `gather(halves).await`.
