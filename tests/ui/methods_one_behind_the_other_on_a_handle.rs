use taskweave::prelude::*;

#[delayed]
fn load(path: &str) -> Result<f64, String> {
    path.parse().map_err(|_| path.to_string())
}
#[delayed]
fn many(count: usize) -> Vec<f64> {
    vec![1.0; count]
}
#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let _graph = graph!({
        let v = many(3);
        half(v.first().copied().unwrap_or(0.0))
    });
}
