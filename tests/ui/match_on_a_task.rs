use taskweave::prelude::*;

#[delayed]
fn open(hour: u32) -> bool {
    hour > 8
}

fn main() {
    let _graph = graph!({
        match open(9) {
            true => 1,
            false => 2,
        }
    });
}
