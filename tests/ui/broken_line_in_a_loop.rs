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
        let mut sum = half(1.0);
        for x in [2.0, 3.0] {
            let y = half(x) * * ;
            sum = add(sum, y);
        }
        add(sum, half(4.0))
    });
}
// Remedy: write what is missing; the other lines are checked as they are.
