use taskweave::prelude::*;

#[delayed(timeout = 2)]
fn load(path: String) -> String {
    path
}

fn main() {}
