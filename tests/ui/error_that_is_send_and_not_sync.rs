use taskweave::prelude::*;

#[delayed]
fn load(path: &str) -> Result<f64, Box<dyn std::error::Error + Send>> {
    path.parse().map_err(|error| Box::new(error) as Box<dyn std::error::Error + Send>)
}

fn main() {
    let _graph = graph!({ load("1.5")? });
}
