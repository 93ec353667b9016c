use taskweave::prelude::*;

#[delayed]
fn drop(sample: f64) -> f64 {
    sample / 2.0
}

#[delayed]
fn double(x: f64) -> f64 {
    2.0 * x
}

fn main() {
    let graph = graph!({
        let x = double(1.0);
        let y = drop(x);
        double(y)
    });
    let _ = graph.compute();
}
