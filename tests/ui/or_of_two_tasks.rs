use taskweave::prelude::*;

#[delayed]
fn open(hour: u32) -> bool {
    hour > 8
}

fn main() {
    let _graph = graph!({ open(9) || open(10) });
}
