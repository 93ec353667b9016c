use taskweave::prelude::*;

#[delayed(retries)]
fn load(path: String) -> String {
    path
}

fn main() {}
