use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let _graph = graph!({
        let values: Vec<f64> = [1.0, 2.0].iter().map(|x| half(*x).await).collect();
        values
    });
}
