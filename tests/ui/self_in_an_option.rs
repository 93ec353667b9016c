use taskweave::prelude::*;

pub struct Model {
    pub slope: f64,
}
impl Model {
    const RETRIES: u32 = 3;
}

#[delayed]
impl Model {
    #[delayed(retries = Self::RETRIES)]
    pub fn predict(&self, x: f64) -> f64 {
        self.slope * x
    }
}

fn main() {
    let _ = Model::RETRIES;
}
