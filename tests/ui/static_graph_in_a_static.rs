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
        let low = half(x);
        let peak = add(low, 1.0);
        peak
    }
}

static FILTER: Filter = Filter::new();

fn main() {
    println!("{:?}", FILTER.run(1.0));
}
// Remedy: `static FILTER: Mutex<Filter>`, or one of its own for each thread
