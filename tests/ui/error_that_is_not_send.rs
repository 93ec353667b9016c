use taskweave::prelude::*;

#[delayed]
fn load(path: &str) -> Result<f64, Box<dyn std::error::Error>> {
    Ok(std::fs::read_to_string(path)?.trim().parse()?)
}

fn main() {
    let _graph = graph!({ load("price.txt")? });
}
