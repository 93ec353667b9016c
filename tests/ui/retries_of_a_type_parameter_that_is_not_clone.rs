use taskweave::prelude::*;

#[delayed(retries = 3)]
fn keep<T: Send + Sync + 'static>(value: T) -> T {
    value
}

fn main() {}
