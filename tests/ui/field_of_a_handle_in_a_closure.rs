use taskweave::prelude::*;

#[derive(Debug)]
pub struct Model {
    pub loss: f64,
}
#[delayed]
fn fit(alpha: f64) -> Model {
    Model { loss: alpha }
}
#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let _graph = graph!({
        let models: Vec<_> = [0.5, 1.0].map(|alpha| fit(alpha)).into();
        models.iter().map(|model| half(model.loss)).collect::<Vec<_>>()
    });
}
// Remedy: write `model.map_ref(|model| model.loss)` for a task that reads it.
