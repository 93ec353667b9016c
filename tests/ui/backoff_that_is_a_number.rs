use taskweave::prelude::*;

#[delayed(retries = 3, backoff = 5)]
fn load(path: String) -> String {
    path
}

fn main() {}
