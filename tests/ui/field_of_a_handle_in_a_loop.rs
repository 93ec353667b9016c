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
        let mut losses = Vec::new();
        for model in &models {
            losses.push(half(model.loss));
        }
        losses
    });
}
// Remedy: write `model.map_ref(|model| model.loss)` for a task that reads it, or wait for all of them, `taskweave::gather(models).await`.
