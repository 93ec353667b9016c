use taskweave::prelude::*;

struct Model(f64);

#[delayed]
#[delayed]
impl Model {
    pub fn get(&self) -> f64 {
        self.0
    }
}

fn main() {}

// Remedy: one of them.
