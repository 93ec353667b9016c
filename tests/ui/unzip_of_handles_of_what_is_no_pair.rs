use taskweave::prelude::*;

#[delayed]
fn triple(x: f64) -> (f64, f64, f64) {
    (x, x, x)
}
#[delayed]
fn sum(all: Vec<f64>) -> f64 {
    all.iter().sum()
}

fn main() {
    let _graph = graph!({
        let (low, high) = (0..3).map(|n| triple(f64::from(n))).unzip();
        (sum(low), sum(high))
    });
}

// Remedy: a function that gives a pair, or a loop: `for n in 0..3 { let (a, b, c) = triple(..); low.push(a); .. }`.
