use taskweave::prelude::*;

#[derive(Debug)]
pub struct Estimate {
    pub sum: f64,
}
#[delayed]
impl Estimate {
    pub fn mean(&self) -> f64 {
        self.sum / 2.0
    }
}
#[delayed]
fn estimate(seed: u64) -> Estimate {
    Estimate { sum: seed as f64 }
}

fn main() {
    let _graph = graph!({
        let e = estimate(1);
        e.mean();
        e
    });
}
