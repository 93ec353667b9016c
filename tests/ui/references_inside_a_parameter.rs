use taskweave::prelude::*;

#[delayed]
fn f(x: Vec<&str>) -> usize {
    x.len()
}

fn main() {}
