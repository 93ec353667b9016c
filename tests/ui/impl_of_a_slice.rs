use taskweave::prelude::*;

#[delayed]
impl [f64] {
    pub fn total(&self) -> f64 {
        self.iter().sum()
    }
}

fn main() {}

// Remedy: a free function that takes `&[f64]`.
