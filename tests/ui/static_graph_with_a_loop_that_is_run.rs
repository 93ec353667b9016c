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
        for _ in 0..3 {}
        low
    }
}

const _: () = assert!(Filter::TASKS == 1);

fn main() -> Result<(), Error> {
    let mut filter = Filter::new();
    println!("{} {:?}", filter.run(1.0)?, filter.run(2.0));
    Ok(())
}
