use taskweave::prelude::*;

#[delayed(retries = -1)]
fn load(path: String) -> String {
    path
}

fn main() {}
