use taskweave::prelude::*;
use taskweave::static_graph;

#[delayed]
fn total(v: &[f64]) -> f64 {
    v.iter().sum()
}
#[delayed]
fn add(a: f64, b: f64) -> f64 {
    a + b
}

static_graph! {
    pub struct Twice(v: Vec<f64>) {
        let a = total(v);
        let b = total(v);
        let out = add(a, b);
        out
    }
}

fn main() {}
// Remedy: lend it: `total(&v)`
