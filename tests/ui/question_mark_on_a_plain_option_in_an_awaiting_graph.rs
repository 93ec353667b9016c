use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let prices = vec![1.0, 2.0];
    let _graph = graph!({
        let top = half(1.0).await;
        let first = prices.first()?;
        half(top + first)
    });
}
// Remedy: `?` takes `Result`s: `prices.first().ok_or("no prices")?` stops the graph with that text.
