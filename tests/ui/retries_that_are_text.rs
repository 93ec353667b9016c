use taskweave::prelude::*;

#[delayed(retries = "3")]
fn load(path: String) -> String {
    path
}

fn main() {}
