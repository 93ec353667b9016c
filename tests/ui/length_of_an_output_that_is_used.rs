use taskweave::prelude::*;

#[delayed]
fn copies(x: f64, n: usize) -> Vec<f64> {
    vec![x; n]
}
#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let _graph = graph!({
        let v = copies(1.0, 3);
        let n = v.len();
        println!("{n}");
        half(n as f64 / 2.0)
    });
}
// Remedy: `let n = v.map_ref(|v| v.len() as f64);`.
