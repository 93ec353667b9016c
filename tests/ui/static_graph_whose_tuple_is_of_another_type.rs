use taskweave::prelude::*;
use taskweave::static_graph;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}
#[delayed]
fn text(x: f64) -> String {
    x.to_string()
}

static_graph! {
    pub struct Filter(x: f64) -> (f64, f64) {
        let low = half(x);
        let shown = text(low);
        (low, shown)
    }
}

fn main() {}
// Remedy: the types of the tasks: `(f64, String)`
