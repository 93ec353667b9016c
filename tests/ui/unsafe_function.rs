use taskweave::prelude::*;

#[delayed]
unsafe fn f(x: f64) -> f64 {
    x
}

fn main() {}
