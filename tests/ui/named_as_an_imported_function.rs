#![allow(unused_imports)]

use taskweave::prelude::*;

mod models {
    #[taskweave::delayed]
    pub fn fit(alpha: f64) -> f64 {
        alpha
    }
}
use models::fit;

#[delayed]
fn fit(beta: f64) -> f64 {
    beta + 1.0
}

fn main() {}
// Remedy: import it under another name, or call it as `models::fit(..)`.
