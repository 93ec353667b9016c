//! `Vec::new()` as an argument gets its type from the parameter.
#![deny(warnings)]
use taskweave::prelude::*;

#[delayed]
fn total(values: Vec<f64>) -> f64 {
    values.iter().sum()
}

fn main() {
    assert_eq!(graph!({ total(Vec::new()) }).compute().unwrap(), 0.0);
}
