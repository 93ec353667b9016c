use taskweave::prelude::*;

#[delayed]
fn sum(values: [f64]) -> f64 {
    values.iter().sum()
}

fn main() {}

// Remedy: `&[f64]`, of which a task lends the output to this one.
