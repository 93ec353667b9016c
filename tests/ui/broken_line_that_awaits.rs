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
    let _graph: Graph<'_, f64> = graph! { move
        let x = half(1.0);
        let y = if x.await > > 1.0 { half(2.0) } else { x };
        add(x, y)
    };
}
// Remedy: write what is missing; the other lines are checked as they are.
