use taskweave::prelude::*;

#[derive(Debug)]
pub struct Model {
    pub loss: f64,
}
#[delayed]
fn fit(alpha: f64, beta: f64) -> Model {
    Model { loss: alpha + beta }
}
#[delayed]
fn loss(model: &Model) -> f64 {
    model.loss
}
#[delayed]
fn show(model: Model) -> String {
    format!("{model:?}")
}
#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let mut kept = None;
    let _graph = Graph::build(|graph| {
        kept = Some(graph.add(half::task(1.0)));
        graph.add(half::task(2.0))
    });
}
// Remedy: handles live only inside the closure; return what is wanted outside as its output.
