use taskweave::prelude::*;

#[delayed]
fn words(text: str) -> usize {
    text.split(' ').count()
}

fn main() {}

// Remedy: `&str`.
