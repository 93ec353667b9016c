use taskweave::prelude::*;
use taskweave::static_graph;

#[delayed]
fn add(a: f64, b: f64) -> f64 {
    a + b
}

static_graph! {
    pub struct Sum(x: f64, x: f64) {
        let sum = add(x, x);
        sum
    }
}

fn main() -> Result<(), Error> {
    let sum = Sum::new().run(1.0, 2.0)?;
    assert_eq!(sum, 3.0);
    Ok(())
}
