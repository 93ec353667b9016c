use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}
#[delayed]
fn ends(values: &[f64]) -> (f64, f64) {
    (values[0], values[values.len() - 1])
}

fn main() {
    let _graph = graph!({
        let (first, last) = ends(half(1.0), half(2.0));
        first + last
    });
}
// Remedy: pass one argument: `ends(vec![half(1.0), half(2.0)])`.
