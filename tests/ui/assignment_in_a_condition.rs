use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let n = String::from("b");
    let _graph = graph!({ if n = "a" { half(1.0) } else { half(2.0) } });
}
// Remedy: `if n == "a"`.
