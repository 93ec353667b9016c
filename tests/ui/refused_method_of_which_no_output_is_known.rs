use taskweave::prelude::*;

struct Model(f64);

#[delayed]
impl Model {
    pub fn weights(&self) -> impl Fn(f64) -> f64 {
        let own = self.0;
        move |x| x * own
    }
    pub fn weight(&self) -> f64 {
        self.0
    }
}

#[delayed]
fn fit() -> Model {
    Model(1.0)
}

#[delayed]
fn double(x: f64) -> f64 {
    2.0 * x
}

fn main() {
    let graph = graph!({
        let model = fit();
        let weights = model.weights();
        (double(weights), model.weight())
    });
    let _ = graph.compute();
}
