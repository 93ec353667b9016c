use taskweave::prelude::*;

#[delayed]
fn row(table: &[Vec<f64>]) -> [f64] {
    table[0]
}

fn main() {}

// Remedy: return `Vec<f64>`.
