use taskweave::prelude::*;

fn fit(alpha: f64) -> f64 {
    alpha
}
#[delayed]
fn fit(beta: f64) -> f64 {
    beta + 1.0
}

fn main() {}
// Remedy: rename one, or put it into a module of its own.
