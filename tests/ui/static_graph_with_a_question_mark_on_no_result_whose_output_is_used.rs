use taskweave::prelude::*;
use taskweave::static_graph;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

static_graph! {
    struct Filter(x: f64) {
        let low = half(x)?;
        low
    }
}

fn main() {
    let y: f64 = Filter::new().run(1.0).unwrap();
    println!("{y}");
}
