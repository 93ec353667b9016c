use taskweave::prelude::*;

struct Model(f64, String);

#[delayed]
impl Model {
    pub fn name(&self) -> &str {
        &self.1
    }
    pub fn weight(&self) -> f64 {
        self.0
    }
}

#[delayed]
fn fit() -> Model {
    Model(1.0, String::new())
}

#[delayed]
fn length(text: &str) -> usize {
    text.len()
}

fn main() {
    let graph = graph!({
        let model = fit();
        let name = model.name();
        (length(&name), model.weight())
    });
    let _ = graph.compute();
}

// Remedy: return `String`.
