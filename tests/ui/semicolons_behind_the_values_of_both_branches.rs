use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let _graph = graph!({
        let wide = true;
        let x = if wide {
            half(1.0);
        } else {
            half(2.0);
        };
        half(x)
    });
}
// Remedy: remove the `;` behind `half(1.0)` and behind `half(2.0)`.
