use taskweave::prelude::*;

#[delayed = "halve"]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let _graph = graph!({ half(1.0) });
}

// Remedy: `#[delayed(name = "halve")]`.
