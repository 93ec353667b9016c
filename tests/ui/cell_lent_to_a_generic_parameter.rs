use taskweave::prelude::*;

#[delayed]
fn shown<T: std::fmt::Debug + Sync>(value: &T) -> String {
    format!("{value:?}")
}

fn main() {
    let count = std::cell::Cell::new(1);
    let _graph = graph!({ shown(&count) });
}
