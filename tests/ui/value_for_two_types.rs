use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}
#[delayed]
fn ones(n: usize) -> Vec<f64> {
    vec![1.0; n]
}

fn main() {
    let _graph = graph!({
        let n = "3".parse().unwrap();
        let halved = half(n);
        (halved, ones(n))
    });
}

// Remedy: `let n: f64 = ..`, and `ones(n as usize)`.
