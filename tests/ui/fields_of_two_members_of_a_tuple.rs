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
        let both = (fit(1.0), fit(2.0));
        both.0.loss + both.1.loss
    });
}
// Remedy: write `both.0.map_ref(|value| value.loss) + both.1.map_ref(|value| value.loss)`, or a delayed function that takes both.
