use taskweave::prelude::*;

struct Model(f64);

#[delayed]
impl Model {
    pub fn into(self) -> f64 {
        self.0
    }
}

fn main() {}

// Remedy: another name, such as `weight`.
