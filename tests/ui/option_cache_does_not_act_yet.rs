use taskweave::prelude::*;

#[delayed(cache)]
fn f(x: f64) -> f64 {
    x
}

fn main() {}
