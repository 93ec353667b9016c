use taskweave::prelude::*;

#[derive(Clone, Debug)]
pub struct Model {
    pub slope: f64,
}

#[delayed]
impl Model {
    pub fn into_slope(self: Box<Self>) -> f64 {
        self.slope
    }
}

fn main() {}
