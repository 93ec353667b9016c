use taskweave::prelude::*;

#[delayed]
fn name(n: usize) -> &str {
    if n == 0 { "none" } else { "some" }
}

fn main() {
    let _graph = graph!({ name(1) });
}
// Remedy: return a `String`.
