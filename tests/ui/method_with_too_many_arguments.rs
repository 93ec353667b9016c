use taskweave::prelude::*;

#[derive(Clone, Debug)]
pub struct Model {
    pub slope: f64,
}
#[delayed]
fn fit(slope: f64) -> Model {
    Model { slope }
}
#[delayed]
impl Model {
    pub fn predict(&self, x: f64) -> f64 {
        self.slope * x
    }
}

fn main() {
    let _graph = graph!({ fit(1.0).predict(2.0, 3.0) });
}
// Remedy: pass what the method takes.
