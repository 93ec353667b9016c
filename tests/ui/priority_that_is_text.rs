use taskweave::prelude::*;

#[delayed(priority = "high")]
fn load(path: String) -> String {
    path
}

fn main() {}
