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
        let a = show(m);
        let b = show(m);
        (a, b)
    });
}
// Remedy: lend it with `&` to functions that only read, or `.clone()` the handle, which clones the value when it is read.
