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
        half(load("1").map_err(|message| message.len())?)
    });
}
