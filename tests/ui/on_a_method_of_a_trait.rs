use taskweave::prelude::*;

trait Model {
    #[delayed]
    fn predict(x: f64) -> f64;
}

fn main() {}

// Remedy: `#[delayed] fn predict(model: &impl Model, x: f64) -> f64`, or `model.map_ref(|model| model.predict(1.0))`.
