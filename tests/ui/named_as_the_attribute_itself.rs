use taskweave::prelude::*;

#[delayed]
fn delayed(sample: f64) -> f64 {
    sample / 2.0
}

fn main() {
    let _graph = graph!({ delayed(1.0) });
}
