use taskweave::prelude::*;

#[delayed]
struct S;

fn main() {}
