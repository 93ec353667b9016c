use taskweave::prelude::*;

#[delayed]
fn n<const n: usize>() -> usize {
    n
}

fn main() {}

// Remedy: `fn n<const N: usize>()`.
