use taskweave::prelude::*;

pub struct Model {
    pub slope: f64,
}

#[delayed]
impl Model {
    pub fn predict(&self, x: f64) -> f64 {
        self.slope * x
    }
    pub fn predict(&self, x: f64) -> f64 {
        self.slope * x + 1.0
    }
}

fn main() {}
// Remedy: rename one.
