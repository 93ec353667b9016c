use taskweave::prelude::*;

mod fit {}
#[delayed]
fn fit(x: f64) -> f64 {
    x
}

fn main() {}
