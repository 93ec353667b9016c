use taskweave::prelude::*;

pub struct Model {
    loss: f64,
}

#[delayed]
impl Model {
    pub loss(&self) -> f64 {
        self.loss
    }
    pub fn scaled(&self, by: f64) -> f64 {
        self.loss * by
    }
}

#[delayed]
fn fit(rate: f64) -> Model {
    Model { loss: rate }
}

fn main() {
    let _graph = graph!({ fit(0.5).scaled(2.0) });
}
// Remedy: `pub fn loss(&self)`.
