use taskweave::prelude::*;

#[derive(Clone, Debug)]
pub struct Model {
    pub slope: f64,
}

#[delayed]
impl Model {
    pub fn train(&mut self, rate: f64) -> f64 {
        self.slope += rate;
        self.slope
    }
}

fn main() {}
