use taskweave::prelude::*;

#[delayed]
fn optimize(x: f64) -> f64 {
    x * 2.0
}

fn main() {
    let _ = graph!({ optimize(1.0) });
}

// Remedy: another name: `optimized`, `minimize`.
