use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let n = 3;
    let _graph = graph!({
        let x = if n == 3 {
            half(1.0);
        } else {
            half(2.0)
        };
        half(x)
    });
}
// Remedy: remove the `;` behind `half(1.0)`.
