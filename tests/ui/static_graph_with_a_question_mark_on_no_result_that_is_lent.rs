use taskweave::prelude::*;
use taskweave::static_graph;

#[delayed]
fn many(n: usize) -> Vec<f64> {
    vec![1.0; n]
}
#[delayed]
fn mean(v: &[f64]) -> f64 {
    v[0]
}

static_graph! {
    pub struct Filter(n: usize) {
        let values = many(n)?;
        let first = mean(&values);
        first
    }
}

fn main() {}
