use taskweave::prelude::*;

#[delayed]
fn f(n: u32) -> impl Iterator<Item = u32> {
    0..n
}

fn main() {}
