use taskweave::prelude::*;

#[delayed]
fn inline(sample: f64) -> bool {
    sample > 0.5
}

fn main() {}
