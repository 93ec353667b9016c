use taskweave::prelude::*;
use taskweave::static_graph;

#[delayed]
fn half<T: Send + Sync + 'static>(x: T) -> T {
    x
}
#[delayed]
fn add(a: f64, b: f64) -> f64 {
    a + b
}

static_graph! {
    pub struct Filter(x: f64) {
        let low = half::<f64>(x);
        low
    }
}

fn main() {}
