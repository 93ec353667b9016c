use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let names = ["a", "b"];
    let _graph = graph!({
        let mut halves = Vec::new();
        for n in names.len() {
            halves.push(half(n as f64));
        }
        halves
    });
}
// Remedy: loop over a range or a collection: `for n in 0..names.len()`.
