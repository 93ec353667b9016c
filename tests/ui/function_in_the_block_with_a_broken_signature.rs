use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let _graph = graph!({
        fn twice(x f64) -> f64 {
            2.0 * x
        }
        half(twice(1.0))
    });
}
// Remedy: mend the signature.
