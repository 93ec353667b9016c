use taskweave::prelude::*;

#[delayed]
fn mean(values: Vec<_>) -> f64 {
    1.0
}

fn main() {}

// Remedy: write `Vec<f64>`, or make the function generic.
