use taskweave::prelude::*;

#[delayed]
fn load() -> Vec<f64> {
    vec![1.0]
}

#[delayed]
fn Mean(values: &[f64]) -> f64 {
    values.iter().sum()
}

fn main() {
    let graph = graph!({
        let values = load();
        Mean(&values)
    });
    let _ = graph.compute();
}

// Remedy: `mean`.
