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
        let mut sum = 0.0;
        for i in 0..3 {
            sum += half(f64::from(i));
        }
        sum
    });
}
// Remedy: fold with a variable: `let mut sum = half(0.0); … sum = sum + half(x);`, or collect the handles in a `Vec` for a task that adds them up.
