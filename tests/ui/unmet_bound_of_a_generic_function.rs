use taskweave::prelude::*;

struct Plain;

#[delayed]
fn keep<T: Clone + Send + Sync + 'static>(value: T) -> T {
    value.clone()
}

fn main() {
    let _graph = graph!({
        let _kept = keep(Plain);
        0
    });
}
// Remedy: implement the trait for the type, or pass another one.
