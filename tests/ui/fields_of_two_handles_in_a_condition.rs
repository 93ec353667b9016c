use taskweave::prelude::*;

pub struct Model {
    pub loss: f64,
}
#[delayed]
fn fit(alpha: f64) -> Model {
    Model { loss: alpha }
}

fn main() {
    let _graph = graph!({
        let (a, b) = (fit(1.0), fit(2.0));
        if a.loss < b.loss { a } else { b }
    });
}
// Remedy: move the decision into a delayed function that takes both.
