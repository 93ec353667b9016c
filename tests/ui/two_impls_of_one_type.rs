use taskweave::prelude::*;

pub struct Model {
    pub slope: f64,
}

#[delayed]
impl Model {
    pub fn predict(&self, x: f64) -> f64 {
        self.slope * x
    }
}

#[delayed]
impl Model {
    pub fn slope(&self) -> f64 {
        self.slope
    }
}

fn main() {}
// Remedy: name the second one's trait: `#[delayed(trait = MoreTasks)]`.
