use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let _graph = graph!({
        let a = half(1.0);
        let b = half(2.0);
        format!("{a}-{b}.csv")
    });
}
// Remedy: `gather((a, b)).map(|(a, b)| format!("{a}-{b}.csv"))`.
