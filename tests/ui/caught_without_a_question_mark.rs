use taskweave::prelude::*;

#[delayed]
fn load(n: u32) -> Result<f64, String> {
    Ok(f64::from(n))
}

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let _ = graph!({
        let loaded = load(1).catch(|_| 0.0);
        half(loaded)
    });
}
