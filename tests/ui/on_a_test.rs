use taskweave::prelude::*;

#[delayed]
#[test]
fn adds() {}

fn main() {}

// Remedy: take one of the two away.
