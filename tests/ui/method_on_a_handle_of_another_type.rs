use taskweave::prelude::*;

#[derive(Clone, Debug)]
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
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let _graph = graph!({ half(1.0).predict(2.0) });
}
// Remedy: call a method of the value that the task gives.
