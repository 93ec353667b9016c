use taskweave::prelude::*;

#[delayed(priority = 1)]
fn f(x: f64) -> f64 {
    x
}

fn main() {}
