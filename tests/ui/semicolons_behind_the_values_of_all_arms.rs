use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let _graph = graph!({
        let n = 3;
        let x = match n {
            1 => {
                half(1.0);
            }
            _ => {
                half(2.0);
            }
        };
        half(x)
    });
}
// Remedy: remove the `;` behind `half(1.0)` and behind `half(2.0)`.
