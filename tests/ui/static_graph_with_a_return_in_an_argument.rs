use taskweave::prelude::*;
use taskweave::static_graph;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}
#[delayed]
fn add(a: f64, b: f64) -> f64 {
    a + b
}

static_graph! {
    pub struct Filter(x: f64) {
        let low = half({
            if x > 1.0 {
                return 7.0;
            }
            x
        });
        let out = add(low, x);
        out
    }
}

fn main() {}
