use taskweave::prelude::*;

#[delayed]
fn apply(f: dyn Fn(f64) -> f64, x: f64) -> f64 {
    f(x)
}

fn main() {}

// Remedy: `&dyn Fn(f64) -> f64`, or `f: impl Fn(f64) -> f64 + Send`.
