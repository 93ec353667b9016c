use taskweave::prelude::*;

#[delayed]
async fn f(x: f64) -> f64 {
    x
}

fn main() {}
