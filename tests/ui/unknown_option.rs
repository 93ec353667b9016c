use taskweave::prelude::*;

#[delayed(gpu)]
fn f(x: f64) -> f64 {
    x
}

fn main() {}
