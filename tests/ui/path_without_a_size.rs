use taskweave::prelude::*;

#[delayed]
fn length(path: std::path::Path) -> usize {
    path.as_os_str().len()
}

fn main() {}
