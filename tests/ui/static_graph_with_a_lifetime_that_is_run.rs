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
    pub struct Filter(text: &'a str) -> f64 {
        let low = half(text.len() as f64);
        low
    }
}

fn main() -> Result<(), Error> {
    println!("{}", Filter::new().run("loud")?.abs());
    Ok(())
}
