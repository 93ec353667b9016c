use taskweave::prelude::*;
use taskweave::static_graph;

#[delayed]
fn halved(n: u32) -> Result<f64, String> {
    if n > 0 { Ok(f64::from(n) / 2.0) } else { Err("nothing".into()) }
}
#[delayed]
fn sum(a: f64, b: f64) -> f64 {
    a + b
}

static_graph! {
    pub struct Whole(n: u32) {
        let half = halved(n);
        let out = sum(half, half);
        out
    }
}

fn main() {}
// Remedy: `let half = halved(n)?;`.
