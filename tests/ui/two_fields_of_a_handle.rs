use taskweave::prelude::*;

#[delayed]
fn pair(x: f64) -> (f64, f64) {
    (x, x)
}
#[delayed]
fn add(a: f64, b: f64) -> f64 {
    a + b
}

fn main() {
    let _graph = graph!({
        let p = pair(1.0);
        add(p.0, p.1)
    });
}
// Remedy: `let (a, b) = pair(1.0);` and `add(a, b)`.
