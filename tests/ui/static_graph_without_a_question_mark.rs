use taskweave::prelude::*;
use taskweave::static_graph;

#[delayed]
fn parsed(text: &str) -> Result<Vec<f64>, std::num::ParseFloatError> {
    text.split(' ').map(str::parse).collect()
}
#[delayed]
fn sum(values: Vec<f64>) -> f64 {
    values.iter().sum()
}

static_graph! {
    pub struct Sum(text: &str) {
        let values = parsed(text);
        let out = sum(values);
        out
    }
}

fn main() {}
