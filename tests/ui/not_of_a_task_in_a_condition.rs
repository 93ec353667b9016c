use taskweave::prelude::*;

#[delayed]
fn open(hour: u32) -> bool {
    hour > 8
}

fn main() {
    let _graph = graph!({ if !open(9) { 1 } else { 2 } });
}
