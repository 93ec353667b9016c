use taskweave::prelude::*;

#[delayed]
fn largest(prices: &[f64]) -> Option<f64> {
    prices.iter().copied().reduce(f64::max)
}
#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let prices = vec![1.0, 2.0];
    let _graph = graph!({
        let top = largest(&prices)?;
        half(top)
    });
}
