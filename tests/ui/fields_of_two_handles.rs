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
        a.loss + b.loss
    });
}
// Remedy: write `a.map_ref(|a| a.loss) + b.map_ref(|b| b.loss)`, or a delayed function that takes both.
