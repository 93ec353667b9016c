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
        let low = half(x);
        let peak = twice(low);
        peak
    }
}

const _: () = assert!(Filter::TASKS == 2);

fn main() -> Result<(), Error> {
    let y = Filter::new().run(1.0)?;
    println!("{y} {}", Filter::new().run(1.0).is_ok());
    assert_eq!(y, 1.0);
    Ok(())
}
// Remedy: put `#[delayed]` on `twice`
