use taskweave::prelude::*;

pub struct Path {
    pub steps: [f64],
}
#[delayed]
fn length(path: Path) -> f64 {
    path.steps.iter().sum()
}

fn main() {}

// Remedy: `path: &Path`.
