use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let _graph = graph!({
        let halves: Vec<_> = [0.5, 1.0].map(|x| half(x)).into();
        for half in &halves {
            println!("{half}");
        }
        halves
    });
}
// Remedy: write `half.map_ref(|half| println!("{half}"))` and return that task too, wait for all of them, `taskweave::gather(halves).await`, or print what `compute` returns.
