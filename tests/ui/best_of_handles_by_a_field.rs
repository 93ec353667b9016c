use taskweave::prelude::*;

#[derive(Clone)]
struct Model {
    loss: f64,
}

#[delayed]
fn fit(rate: f64) -> Model {
    Model { loss: rate }
}

fn main() {
    let _graph = graph!({
        let models: Vec<_> = [0.1, 0.2].map(|rate| fit(rate)).into();
        models.into_iter().min_by(|a, b| a.loss.total_cmp(&b.loss)).unwrap()
    });
}
// Remedy: hand the `Vec` to a delayed function that chooses.
