use taskweave::prelude::*;

#[delayed]
fn f(x: &[&str]) -> usize {
    x.len()
}

fn main() {}
