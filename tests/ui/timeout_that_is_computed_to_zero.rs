use taskweave::prelude::*;

use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(1 - 1);

#[delayed(timeout = PATIENCE)]
fn load(path: String) -> String {
    path
}

fn main() {}
// Remedy: give it the time that an attempt may take.
