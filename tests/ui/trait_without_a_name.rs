use taskweave::prelude::*;

pub struct Model {
    pub slope: f64,
}

#[delayed(trait)]
impl Model {
    pub fn predict(&self, x: f64) -> f64 {
        self.slope * x
    }
}

fn main() {}
