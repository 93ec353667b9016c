use taskweave::prelude::*;
use std::error::Error as StdError;

#[delayed]
fn parse(text: &str) -> Result<f64, dyn StdError> {
    text.parse()
}

#[delayed]
fn double(x: f64) -> f64 {
    2.0 * x
}

fn main() {
    let _ = graph!({ double(parse("1.0")?) }).compute();
}
