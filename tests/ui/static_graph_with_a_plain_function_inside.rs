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

fn twice(x: f64) -> f64 {
    x * 2.0
}

static_graph! {
    pub struct Filter(x: f64) {
        let low = twice(x);
        let peak = half(low);
        peak
    }
}

fn main() -> Result<(), Error> {
    let y = Filter::new().run(1.0)?;
    println!("{}", y.abs());
    Ok(())
}
// Remedy: put `#[delayed]` on `twice`
