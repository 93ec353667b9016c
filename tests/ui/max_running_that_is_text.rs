use taskweave::prelude::*;

#[delayed(max_running = "4")]
fn load(path: String) -> String {
    path
}

fn main() {}
