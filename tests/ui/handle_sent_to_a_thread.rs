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
// Like `std::thread::spawn`, whose own lines show only where the standard library's source is installed.
fn on_another_thread<T: Send>(_value: T) {}

fn main() {
    let _graph = graph!({
        let x = half(1.0);
        on_another_thread(x);
        half(1.0)
    });
}
// Remedy: handles stay on the thread that builds; compute parts in tasks instead, they run on all threads.
