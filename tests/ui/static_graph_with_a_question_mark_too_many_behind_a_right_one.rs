use taskweave::prelude::*;
use taskweave::static_graph;

#[delayed]
fn load(n: u32) -> Result<f64, String> {
    if n > 0 { Ok(f64::from(n)) } else { Err("nothing".into()) }
}
#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}
#[delayed]
fn add(a: f64, b: f64) -> f64 {
    a + b
}

static_graph! {
    pub struct More(n: u32) {
        let whole = load(n)?;
        let part = half(whole)?;
        let out = add(whole, part);
        out
    }
}

fn main() {}
// Remedy: no `?` behind `half(whole)`.
