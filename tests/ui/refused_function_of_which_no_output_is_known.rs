#![deny(warnings)]
use taskweave::prelude::*;

#[delayed]
fn largest<T: Clone + Send + Sync + 'static>(values: &[&T]) -> T {
    values[0].clone()
}

#[delayed]
fn load() -> Vec<f64> {
    vec![1.0]
}

#[delayed]
fn double(x: f64) -> f64 {
    2.0 * x
}

fn main() {
    let graph = graph!({
        let values = load();
        let all = largest(&values);
        let one = largest::<f64>(&[&1.0]);
        (double(all) + one, all.map(|all| all.sqrt()))
    });
    let _ = graph.compute();
}
