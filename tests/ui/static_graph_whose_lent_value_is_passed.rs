use taskweave::prelude::*;
use taskweave::static_graph;

#[delayed]
fn many(n: usize) -> Vec<f64> {
    vec![1.0; n]
}
#[delayed]
fn mean(values: &[f64]) -> f64 {
    values[0]
}

static_graph! {
    pub struct Mean(n: usize) {
        let values = many(n);
        let out = mean(values);
        out
    }
}

fn main() {}
// Remedy: lend the value, `mean(&values)`.
