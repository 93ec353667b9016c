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

#[allow(non_upper_case_globals)]
const gain: f64 = 2.0;

static_graph! {
    pub struct Filter(sample: f64) {
        let low = add(sample, gain);
        low
    }
}

fn main() {}
