use taskweave::prelude::*;

use std::error::Error as StdError;

fn first(prices: &[f64]) -> Result<f64, Box<dyn StdError>> {
    Ok(*prices.first().ok_or("no prices")?)
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
// Remedy: return a `Box<dyn Error + Send + Sync>`, or make text of it: `.map_err(|error| error.to_string())?`.
