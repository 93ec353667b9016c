use taskweave::prelude::*;

const PAUSE: f64 = 0.5;

#[delayed(retries = 3, backoff = PAUSE)]
fn load(path: String) -> String {
    path
}

fn main() {}
// Remedy: a pause is a `Duration`: `Duration::from_millis(500)`.
