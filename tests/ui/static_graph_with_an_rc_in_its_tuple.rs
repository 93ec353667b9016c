use std::rc::Rc;
use taskweave::prelude::*;
use taskweave::static_graph;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}
#[delayed]
fn shared(x: f64) -> Rc<f64> {
    Rc::new(x)
}

static_graph! {
    pub struct Filter(x: f64) {
        let low = half(x);
        let all = shared(low);
        (low, all)
    }
}

fn main() {}
// Remedy: `Arc` instead of `Rc`
