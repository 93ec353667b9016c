use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let names = vec![String::new()];
    let _graph = graph!({ if names.concat() == 'x' { half(1.0) } else { half(2.0) } });
}
// Remedy: `names.concat() == "x"`.
