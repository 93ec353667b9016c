use taskweave::prelude::*;

#[delayed]
async fn load(x: f64) -> f64 {
    x
}

#[delayed]
fn double(x: f64) -> f64 {
    2.0 * x
}

fn main() {
    let _ = graph!({ double(load(1.0)) }).compute();
}

// Remedy: call a runtime's `block_on` in a function that is not `async`.
