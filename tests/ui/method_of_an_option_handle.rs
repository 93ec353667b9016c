use taskweave::prelude::*;

#[derive(Clone)]
pub struct Model {
    pub slope: f64,
}
#[delayed]
fn fit(slope: f64) -> Option<Model> {
    Some(Model { slope })
}
#[delayed]
impl Model {
    pub fn predict(&self, x: f64) -> f64 {
        self.slope * x
    }
}

fn main() {
    let _graph = graph!({ fit(1.0).predict(2.0) });
}
// Remedy: stop at an `Err` with `?` behind the call, or open the value in a task: `x.map(|x| x.map(|m| m.predict(2.0)))`.
