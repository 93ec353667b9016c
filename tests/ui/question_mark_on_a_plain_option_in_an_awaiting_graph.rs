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
// Remedy: the error has to be an `Error`: `.ok_or_else(|| std::io::Error::other("what is missing"))?`.
