use taskweave::prelude::*;

#[derive(Clone, Debug)]
pub struct Model {
    pub slope: f64,
}

#[delayed]
impl Model {
    #[delayed(retry = 3)]
    pub fn predict(&self, x: f64) -> f64 {
        self.slope * x
    }
}

fn main() {}
