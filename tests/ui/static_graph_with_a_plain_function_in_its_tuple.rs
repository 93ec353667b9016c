use taskweave::prelude::*;
use taskweave::static_graph;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}
fn plain(x: f64) -> f64 {
    x / 2.0
}

static_graph! {
    pub struct Filter(x: f64) {
        let low = half(x);
        let lower = plain(low);
        (low, lower)
    }
}

fn main() {
    let (low, lower) = Filter::new().run(1.0).unwrap();
    println!("{}", low + lower);
}
// Remedy: `#[delayed]` on `plain`
