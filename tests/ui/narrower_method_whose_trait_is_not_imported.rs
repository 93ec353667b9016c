use taskweave::prelude::*;

mod model {
    pub struct Model(f64);

    #[taskweave::delayed]
    impl Model {
        pub fn predict(&self, x: f64) -> f64 {
            self.0 * x
        }
        pub(crate) fn slope(&self) -> f64 {
            self.0
        }
    }

    #[taskweave::delayed]
    pub fn fit() -> Model {
        Model(1.0)
    }
}
use model::{ModelTasks, fit};

fn main() {
    let _ = graph!({
        let model = fit();
        model.predict(model.slope())
    });
}
// Remedy: methods that fewer may see have a trait of their own: `use model::ModelTasksWithin1;`.
