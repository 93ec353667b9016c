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
    let _graph = graph!({
        let m = fit(1.0, 2.0);
        let a = show(m.clone());
        (a, show(m))
    });
}
// Remedy: derive `Clone` for the type, or lend the handle with `&` to functions that take `&Model`.
