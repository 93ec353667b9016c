use taskweave::prelude::*;

const SPARE: usize = 4 - 4;

#[delayed(max_running = SPARE)]
fn load(path: String) -> String {
    path
}

fn main() {}
// Remedy: say how many tasks of the function may run at once, one or more, or leave `max_running` out.
