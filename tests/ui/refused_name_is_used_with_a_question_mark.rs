use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

#[delayed]
fn write(n: u32) -> Result<u32, String> {
    Ok(n)
}

fn main() {
    let graph = graph!({
        let written = write(7)?;
        half(1.0).after(&written)
    });
    let _ = graph.compute();
}
// Remedy: `write_rows`.
