use taskweave::prelude::*;

pub struct Model {
    pub slope: f64,
}
#[delayed]
fn fit(slope: f64) -> Model {
    Model { slope }
}
impl Model {
    pub fn predict(&self, x: f64) -> f64 {
        self.slope * x
    }
}

fn main() {
    let _graph = graph!({
        let models: Vec<_> = [0.5, 1.0].map(|slope| fit(slope)).into();
        models.iter().map(|model| model.predict(2.0)).collect::<Vec<_>>()
    });
}
// Remedy: put `#[delayed]` on the `impl` of the method, or call it in a task: `model.map_ref(|model| model.predict(2.0))`.
