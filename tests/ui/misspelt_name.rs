use taskweave::prelude::*;

#[delayed(nmae = "f")]
fn f(x: f64) -> f64 {
    x
}

fn main() {}
