use taskweave::prelude::*;

#[delayed]
#[delayed(retries = 3)]
fn load(x: f64) -> f64 {
    x
}

fn main() {
    let _ = graph!({ load(1.0) });
}

// Remedy: one `#[delayed(retries = 3)]`.
