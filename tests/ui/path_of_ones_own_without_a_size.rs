use taskweave::prelude::*;

pub struct Path {
    pub steps: [f64],
}
#[delayed]
fn length(path: Path) -> f64 {
    path.steps.iter().sum()
}
#[delayed]
fn longest(_from: f64) -> Path {
    loop {}
}

fn main() {}

// Remedy: `path: &Path`; and an output that is owned.
