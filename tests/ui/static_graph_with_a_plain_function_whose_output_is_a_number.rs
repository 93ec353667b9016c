use taskweave::prelude::*;
use taskweave::static_graph;

fn twice(x: f64) -> f64 {
    x * 2.0
}

static_graph! {
    pub struct Filter(x: f64) {
        let peak = twice(x);
        peak
    }
}

fn number() -> Result<f64, Error> {
    Filter::new().run(1.0)
}

fn main() -> Result<(), Error> {
    let y = Filter::new().run(1.0)?;
    let z: f64 = Filter::new().run(y)?;
    let all = vec![z, y.sqrt(), y + 1.0, 2.0 * y, number()?, y.0];
    if y > 2.0 && y == z {
        println!("{y} {:?}", all);
    }
    Ok(())
}
// Remedy: put `#[delayed]` on `twice`
