use taskweave::prelude::*;

#[delayed]
fn load(path: &str) -> Result<f64, String> {
    path.parse().map_err(|_| path.to_string())
}
#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let _graph = graph!({
        let x = half(1.0);
        half(x.compute()?)
    });
}
