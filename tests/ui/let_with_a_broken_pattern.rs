use taskweave::prelude::*;

#[delayed]
fn pair(x: f64) -> (f64, f64) {
    (x, x)
}

fn main() {
    let _graph = graph!({
        let (a, , b) = pair(1.0);
        a + b
    });
}
// Remedy: one name for each member, or `_`.
