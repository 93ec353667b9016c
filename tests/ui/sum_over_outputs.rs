use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let _ = graph!({ (0..4).map(|n| half(f64::from(n))).sum::<f64>() });
    let _ = graph!({
        let halves = vec![half(1.0), half(2.0)];
        let product: f64 = halves.into_iter().product();
        half(product)
    });
    let _ = graph!({ half((0..4).map(|n| half(f64::from(n))).sum()) });
}

// Remedy: `.fold(gather(0.0), |sum, x| sum + x)`, or a delayed function that takes the `Vec`.
