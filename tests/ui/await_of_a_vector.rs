use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let _graph = graph!({
        let values: Vec<_> = (0..4).map(|x| half(x as f64)).collect();
        let known = values.await;
        known.len()
    });
}
