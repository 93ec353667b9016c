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
    let f = |x: f64| x + 1.0;
    let _graph = graph!({
        half(f(1.0))
    });
}
// Remedy: call a closure from outside the block as `(f)(x)`; that is a plain call.
