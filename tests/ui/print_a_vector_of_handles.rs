use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let _graph = graph!({
        let halves: Vec<_> = (0..3).map(|i| half(f64::from(i))).collect();
        println!("{halves:?}");
        halves
    });
}
// Remedy: wait for the values with `gather(halves).await`, or print what `compute` returns.
