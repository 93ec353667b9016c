use taskweave::prelude::*;

#[delayed(backoff = std::time::Duration::from_millis(10))]
fn load(path: String) -> String {
    path
}

fn main() {}
