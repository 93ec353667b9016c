use taskweave::prelude::*;

struct Model;

#[delayed(retries = 3)]
fn fit(model: Model, alpha: f64) -> f64 {
    drop(model);
    alpha
}

fn main() {}
