use taskweave::prelude::*;

#[delayed(timeout = 2)]
fn load(path: String) -> String {
    path
}

fn main() {}
// Remedy: a duration: `timeout = Duration::from_secs(2)`.
