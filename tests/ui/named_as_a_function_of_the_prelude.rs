use taskweave::prelude::*;

#[delayed]
fn drop(sample: f64) -> f64 {
    sample / 2.0
}

fn main() {}
