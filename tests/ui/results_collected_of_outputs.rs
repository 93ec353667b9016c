use taskweave::prelude::*;

#[delayed]
fn load(n: u32) -> Result<f64, String> {
    Ok(f64::from(n))
}

#[delayed]
fn total(values: Vec<f64>) -> f64 {
    values.iter().sum()
}

fn main() {
    let _ = graph!({
        let values = (0..4).map(|n| load(n)).collect::<Result<Vec<_>, _>>()?;
        total(values)
    });
}

// Remedy: `?` behind the call, and a `Vec`: `(0..4).map(|n| load(n)?).collect::<Vec<_>>()`.
