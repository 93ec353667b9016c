use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let n = 3;
    let _graph = graph!({
        match n {
            3 => {
                let x = half(1.0);
                half(x) + 1.0;
            }
            _ => half(2.0),
        }
    });
}
// Remedy: remove the `;` behind `half(x) + 1.0`.
