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
        paek
    }
}

const _: () = assert!(Filter::TASKS == 2 && Filter::DOT.len() > 5);

fn main() -> Result<(), Error> {
    let mut filter = Filter::new();
    let y: f64 = filter.run(1.0)?;
    println!("{} {:?}", y + filter.run(1.0)?.abs(), filter.run(2.0));
    Ok(())
}
