use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

enum Kind {
    A,
    B,
}

fn main() {
    let kind = Kind::A;
    let _graph = graph!({ if kind == Kind::B { half(1.0) } else { half(2.0) } });
}
// Remedy: `#[derive(PartialEq)]` on `Kind`.
