use taskweave::prelude::*;

#[delayed]
fn format(x: f64) -> f64 {
    x
}

fn main() {}
