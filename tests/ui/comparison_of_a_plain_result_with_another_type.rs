use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn rounds() -> u32 {
    3
}

fn main() {
    let limit: i64 = 7;
    let _graph = graph!({
        let n = rounds();
        if n > limit { half(1.0) } else { half(2.0) }
    });
}
// Remedy: `i64::from(n) > limit`.
