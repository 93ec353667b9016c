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
fn shown(x: f64) -> String {
    x.to_string()
}

static_graph! {
    pub struct Filter(x: f64) {
        let low = half(text);
        let text = shown(x);
        low
    }
}

fn main() {}
// Remedy: pass a task whose function returns what this one takes.
