use taskweave::prelude::*;

#[derive(Clone, Debug)]
pub struct Model {
    pub slope: f64,
}

pub trait Predict {
    fn predict(&self, x: f64) -> f64;
}

#[delayed]
impl Predict for Model {
    fn predict(&self, x: f64) -> f64 {
        self.slope * x
    }
}

fn main() {}
