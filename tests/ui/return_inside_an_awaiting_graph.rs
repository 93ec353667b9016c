use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn settled(start: f64) -> Graph<'static, f64> {
    graph!({
        let x = half(start).await;
        if x < 1.0 {
            return half(x);
        }
        half(x)
    })
}

fn main() {}
