use taskweave::prelude::*;
use taskweave::static_graph;

#[delayed(retries = 3)]
fn half(x: f64) -> f64 {
    x / 2.0
}

static_graph! {
    struct Pipe(x: f64) {
        let out = half(x);
        out
    }
}

fn main() {
    let _ = Pipe::new();
}
