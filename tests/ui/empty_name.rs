use taskweave::prelude::*;

#[delayed(name = "")]
fn f(x: f64) -> f64 {
    x
}

fn main() {}
