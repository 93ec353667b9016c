use taskweave::prelude::*;
use taskweave::static_graph;

#[delayed]
fn parsed(text: &str) -> Result<Vec<f64>, std::num::ParseFloatError> {
    text.split(' ').map(str::parse).collect()
}
#[delayed]
fn sum(values: &[f64]) -> f64 {
    values.iter().sum()
}
#[delayed]
fn mean(values: Vec<f64>, sum: f64) -> f64 {
    sum / values.len() as f64
}

static_graph! {
    pub struct Mean(text: &str) {
        let values = parsed(text);
        let sum = sum(&values);
        let out = mean(values, sum);
        out
    }
}

fn main() {}
// Remedy: `let values = parsed(text)?;`, and `run` gives a `Result`.
