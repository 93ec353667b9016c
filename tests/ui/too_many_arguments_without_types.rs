use taskweave::prelude::*;

#[delayed]
fn mean(values: Vec<f64>, weights: Option<Vec<f64>>) -> f64 {
    values[0] * weights.map_or(1.0, |weights| weights[0])
}

fn main() {
    let _graph = graph!({
        mean(vec![], true, None) * 2.0
    });
}
// Remedy: leave out what the function does not take: `mean(vec![], None)`.
