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
        let peak = add(x, 1.0);
        low
    }
}

fn positive(x: f64) -> bool {
    x > 0.0
}

fn main() -> Result<(), Error> {
    let mut filter = Filter::new();
    println!("{:?}", filter.run(1.0));
    let y = filter.run(1.0)?;
    assert!(positive(y) && y.abs() < 3.0, "{y}");
    filter.run(2.0).map(drop)
}
// Remedy: use `peak`, or remove it
