use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let n = 3_u32;
    let limit: i64 = 7;
    let _graph = graph!({ if n > limit { half(1.0) } else { half(2.0) } });
}
// Remedy: `i64::from(n) > limit`.
