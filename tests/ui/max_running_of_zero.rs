use taskweave::prelude::*;

#[delayed(max_running = 0)]
fn load(path: String) -> String {
    path
}

fn main() {}
