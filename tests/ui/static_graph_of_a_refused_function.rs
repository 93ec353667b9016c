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

#[delayed]
fn sum(values: Vec<&str>) -> f64 {
    values.len() as f64
}

static_graph! {
    pub struct Filter(x: f64) {
        let low = half(x);
        let all = sum(Vec::new());
        let out = add(low, all);
        out
    }
}

fn main() {}
