use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let _ = graph!({ (0..4).map(|n| half(f64::from(n))).sum::<f64>() });
}

// Remedy: `.fold(gather(0.0), |sum, x| sum + x)`, or a delayed function that takes the `Vec`.
