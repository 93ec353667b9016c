use taskweave::prelude::*;

#[delayed]
fn f16(x: i32) -> i32 {
    x
}

fn main() {}
