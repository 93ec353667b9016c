use taskweave::prelude::*;

#[delayed]
fn f(x: &str) -> &str {
    x
}

fn main() {}
