use taskweave::prelude::*;

#[delayed]
fn test(sample: f64) -> bool {
    sample > 0.5
}

fn main() {}
