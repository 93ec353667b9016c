use taskweave::prelude::*;

#[delayed]
fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn main() {
    let _graph = graph!({
        let doubled = [1.0, 2.0].iter().map(|x| x * 2.0).collect();
        mean(&doubled)
    });
}

// Remedy: `let doubled: Vec<_> = ..`, and `mean(doubled)`: the task then owns it.
