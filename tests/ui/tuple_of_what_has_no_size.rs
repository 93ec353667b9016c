use taskweave::prelude::*;

#[delayed]
fn last(all: (String, [f64])) -> f64 {
    all.1[0]
}

fn main() {}
