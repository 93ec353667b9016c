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
    let graph = {
        let m = Model { loss: 1.0 };
        graph!({ loss(&m) })
    };
    let _ = graph.compute();
}
// Remedy: let the data live as long as the graph, or move them in without `&`, in an `Arc` if several tasks read them.
