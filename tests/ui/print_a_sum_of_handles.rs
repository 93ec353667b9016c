use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let _graph = graph!({
        let a = half(1.0);
        let b = half(2.0);
        println!("{}", a + b);
        (a, b)
    });
}
// Remedy: `let printed = (a + b).map_ref(|sum| println!("{sum}"));` and `(a, b, printed)`.
