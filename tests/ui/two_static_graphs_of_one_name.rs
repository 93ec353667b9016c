use taskweave::prelude::*;
use taskweave::static_graph;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

static_graph! {
    pub struct Quarter(x: f64) {
        let out = half(x);
        out
    }
}
static_graph! {
    pub struct Quarter(x: f64) {
        let s = half(x);
        let out = half(s);
        out
    }
}

fn main() {
    println!("{:?}", Quarter::new().run(1.0));
}
// Remedy: give one of them another name.
