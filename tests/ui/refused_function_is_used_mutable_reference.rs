use taskweave::prelude::*;

#[delayed]
fn load() -> Vec<f64> {
    vec![1.0]
}

#[delayed]
fn sort(values: &mut Vec<f64>) {
    values.sort_by(f64::total_cmp);
}

fn main() {
    let graph = graph!({
        let mut values = load();
        sort(&mut values);
        values
    });
    let _ = graph.compute();
}

// Remedy: `fn sort(mut values: Vec<f64>) -> Vec<f64>`.
