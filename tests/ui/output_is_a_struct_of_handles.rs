use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

struct Pair<A, B> {
    low: A,
    high: B,
}

fn main() {
    let _graph = graph!({ Pair { low: half(1.0), high: half(2.0) } });
}
