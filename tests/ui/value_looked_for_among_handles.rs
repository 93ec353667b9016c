use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let _graph = graph!({
        let halves = vec![half(1.0), half(4.0)];
        let is_there = halves.contains(&2.0);
        if is_there { half(1.0) } else { half(2.0) }
    });
}
// Remedy: look for it in a delayed function that takes the `Vec`, or wait for the values with `gather(halves).await`.
