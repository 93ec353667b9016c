use taskweave::prelude::*;

#[derive(Clone, Debug)]
pub struct Model {
    pub slope: f64,
}

#[delayed]
impl Model {
    pub const DEGREE: usize = 1;

    pub fn new(slope: f64) -> Self {
        Model { slope }
    }
}

fn main() {}
