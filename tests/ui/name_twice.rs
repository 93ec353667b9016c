use taskweave::prelude::*;

#[delayed(name = "a", name = "b")]
fn f(x: f64) -> f64 {
    x
}

fn main() {}
