use taskweave::prelude::*;

#[delayed]
fn keep<T: Send + Sync + 'static>(value: T, _times: u32) -> T {
    value
}

fn main() {
    let _graph = graph!({ keep::<u16>(1u8, 2) });
}
