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

fn early() -> f64 {
    let _graph = graph!({
        let x = half(1.0);
        return x;
    });
    1.0
}

fn main() {
    early();
}
// Remedy: let the block end with the handle; `return` would leave the function around `graph!`.
