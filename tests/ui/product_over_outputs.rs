use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let _ = graph!({
        let halves = vec![half(1.0), half(2.0)];
        let product: f64 = halves.into_iter().product();
        half(product)
    });
}

// Remedy: `.fold(gather(1.0), |product, x| product * x)`, or a delayed function that takes the `Vec`.
