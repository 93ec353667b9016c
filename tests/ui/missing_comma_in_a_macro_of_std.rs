use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn plain(x: f64) -> f64 {
    x
}

fn main() {
    let _graph = graph!({
        println!("{}" plain(2.0));
        half(1.0)
    });
}
// Remedy: write the `,`.
