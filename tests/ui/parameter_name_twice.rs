use taskweave::prelude::*;

#[delayed]
fn add(x: f64, x: f64) -> f64 {
    x
}

fn main() {}

// Remedy: another name.
