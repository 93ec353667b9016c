use taskweave::prelude::*;

#[delayed]
fn train(data: &[f64], name: &str, rounds: usize, rate: f64) -> Result<f64, String> {
    println!("{name}: {rounds} rounds");
    Ok(rate * data[0])
}

fn main() {
    let data = vec![1.0];
    let _graph = graph!({
        let loss = train(&data, 3, 0.1)?;
        loss * 2.0
    });
}
// Remedy: pass what is missing: `train(&data, "a", 3, 0.1)?`.
