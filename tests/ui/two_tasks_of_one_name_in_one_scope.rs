use taskweave::prelude::*;

mod fit {}
#[delayed]
fn fit(x: f64) -> f64 {
    x
}

fn main() {}
// Remedy: rename one, or put it into a module of its own.
