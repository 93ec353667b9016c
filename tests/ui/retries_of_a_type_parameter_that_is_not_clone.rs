use taskweave::prelude::*;

#[delayed(retries = 3)]
fn keep<T: Send + Sync + 'static>(value: T) -> T {
    value
}

fn main() {}
// Remedy: each attempt takes a value of its own: say `T: Clone`, or take the value by `&`, so that all attempts borrow the same one.
