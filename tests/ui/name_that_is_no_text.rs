use taskweave::prelude::*;

#[delayed(name = 5)]
fn f(x: f64) -> f64 {
    x
}

fn main() {}
