use taskweave::prelude::*;

#[delayed]
fn Half(x: f64) -> f64 {
    x / 2.0
}

fn main() {}
