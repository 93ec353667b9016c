use std::cell::Cell;
use taskweave::prelude::*;

struct Model(Cell<f64>);

#[delayed]
impl Model {
    pub fn loss(&self) -> f64 {
        self.0.get()
    }
    pub fn at(&self, x: f64) -> f64 {
        self.0.get() * x
    }
    pub fn into_loss(self) -> f64 {
        self.0.into_inner()
    }
}

fn main() {}

// Remedy: `Mutex<f64>` in place of the `Cell`.
