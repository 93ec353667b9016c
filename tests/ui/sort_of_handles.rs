use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let _graph = graph!({
        let mut halves = vec![half(1.0), half(4.0)];
        halves.sort();
        halves
    });
}
// Remedy: hand the `Vec` to a delayed function that sorts it, or wait for the values with `gather(halves).await`.
