use taskweave::prelude::*;

#[delayed]
unsafe fn load(x: f64) -> f64 {
    x
}

fn main() {
    let _ = graph!({ load(1.0) }).compute();
}

// Remedy: a safe function that says why its call is sound.
