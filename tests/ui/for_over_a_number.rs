use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let _graph = graph!({
        let mut halves = Vec::new();
        for n in 10 {
            halves.push(half(f64::from(n)));
        }
        halves
    });
}
// Remedy: loop over a range or a collection: `for n in 0..10`.
