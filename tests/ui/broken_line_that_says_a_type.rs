use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}
#[delayed]
fn total(values: Vec<f64>) -> f64 {
    values.iter().sum()
}

fn main() {
    let _graph: Graph<'_, f64> = graph!({
        let mut values = Vec::new();
        values.push(half(1.0) + );
        total(values)
    });
}
// Remedy: write what is missing; the other lines are checked as they are.
