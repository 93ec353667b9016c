use taskweave::prelude::*;

#[delayed(timeout = std::time::Duration::ZERO)]
fn load(path: String) -> String {
    path
}

fn main() {}
// Remedy: give it the time that an attempt may take.
