use taskweave::prelude::*;

#[delayed(max_running = 2)]
fn f(x: f64) -> f64 {
    x
}

fn main() {}
