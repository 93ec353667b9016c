use taskweave::prelude::*;

#[delayed]
fn apply(f: dyn Fn(f64) -> f64 + Send + Sync, x: f64) -> f64 {
    f(x)
}

fn main() {}

// Remedy: `Box<dyn Fn(f64) -> f64 + Send + Sync>`, or `f: impl Fn(f64) -> f64 + Send`.
