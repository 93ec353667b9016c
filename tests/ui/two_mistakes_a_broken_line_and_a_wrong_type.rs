use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}
#[delayed]
fn add(a: f64, b: f64) -> f64 {
    a + b
}

fn main() {
    let _graph: Graph<'_, f64> = graph!({
        let x = half(1.0);
        let y = half(x + );
        let z = add(x, "2.0");
        add(y, z)
    });
}
// Remedy: write what is missing; the other line's mistake is found in the same go.
