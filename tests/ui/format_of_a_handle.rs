use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let _graph = graph!({
        let a = half(1.0);
        format!("{a}.csv")
    });
}
// Remedy: `a.map(|a| format!("{a}.csv"))`.
