use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn settled(start: f64) -> Graph<'static, f64> {
    graph!({
        let x = half(start).await;
        half(x)
    })
}

fn main() {}
// Remedy: the graph owns what it uses in `graph! { move … }`.
