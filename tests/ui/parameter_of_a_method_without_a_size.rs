use taskweave::prelude::*;

struct Model(f64);

#[delayed]
impl Model {
    pub fn score(&self, values: [f64]) -> f64 {
        self.0 * values.len() as f64
    }
}

fn main() {}
