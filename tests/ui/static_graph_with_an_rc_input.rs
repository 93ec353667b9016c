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
fn total(weights: &[f64]) -> f64 {
    weights.iter().sum()
}

static_graph! {
    pub struct Filter(weights: std::rc::Rc<Vec<f64>>) {
        let out = total(&weights);
        out
    }
}

fn main() {}
