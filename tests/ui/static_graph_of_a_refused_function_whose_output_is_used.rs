use taskweave::prelude::*;
use taskweave::static_graph;

#[delayed]
fn sum(values: Vec<&str>) -> f64 {
    values.len() as f64
}

static_graph! {
    pub struct Sum() {
        let all = sum(Vec::new());
        all
    }
}

fn main() -> Result<(), Error> {
    let y: f64 = Sum::new().run()?;
    println!("{}", y + Sum::new().run()?.sqrt());
    Ok(())
}
