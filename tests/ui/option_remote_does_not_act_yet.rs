use taskweave::prelude::*;

#[delayed(remote)]
fn f(x: f64) -> f64 {
    x
}

fn main() {}
