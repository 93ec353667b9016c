use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

#[delayed]
fn total(values: Vec<f64>) -> f64 {
    values.iter().sum()
}

fn main() {
    let _ = graph!({ total([half(1.0), half(2.0)]) });
}
