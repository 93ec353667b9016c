use taskweave::prelude::*;

#[delayed(retries = 3, retries = 4)]
fn load(path: String) -> String {
    path
}

fn main() {}
