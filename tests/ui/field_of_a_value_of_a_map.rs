use taskweave::prelude::*;
use std::collections::HashMap;

pub struct Model {
    pub loss: f64,
}
#[delayed]
fn fit(alpha: f64) -> Model {
    Model { loss: alpha }
}

fn main() {
    let _graph = graph!({
        let models: HashMap<_, _> = [1, 2].map(|n| (n, fit(f64::from(n)))).into_iter().collect();
        let mut losses = Vec::new();
        for model in models.values() {
            losses.push(model.loss);
        }
        losses
    });
}
// Remedy: write `losses.push(model.map_ref(|model| model.loss))`.
