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
    let _graph = Graph::build(|graph| {
        let m = graph.add(fit::task(1.0, 2.0));
        let late = loss::task(&m);
        let eaten = graph.add(show::task(m));
        let late = graph.add(late);
        graph.gather((eaten, late))
    });
}
// Remedy: lend before you move: the call that takes the value comes last.
