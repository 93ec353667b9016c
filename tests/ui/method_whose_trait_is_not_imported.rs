use taskweave::prelude::*;

mod model {
    pub struct Model(f64);

    #[taskweave::delayed]
    impl Model {
        pub fn len(&self) -> usize {
            self.0 as usize
        }
    }

    #[taskweave::delayed]
    pub fn fit() -> Model {
        Model(1.0)
    }
}

fn main() {
    let _ = graph!({
        let model = model::fit();
        model.len()
    });
}

// Remedy: `use model::ModelTasks;`
