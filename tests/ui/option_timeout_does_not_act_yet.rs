use taskweave::prelude::*;

#[delayed(timeout = std::time::Duration::from_secs(1))]
fn f(x: f64) -> f64 {
    x
}

fn main() {}
