use taskweave::prelude::*;

struct Missing;

fn first(prices: &[f64]) -> Result<f64, Missing> {
    prices.first().copied().ok_or(Missing)
}
#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let prices = vec![1.0, 2.0];
    let _graph = graph!({
        let top = half(1.0).await;
        let first = first(&prices)?;
        half(top + first)
    });
}
// Remedy: implement `Error` for it, or make text of it: `.map_err(|_| "there are no prices")?`.
