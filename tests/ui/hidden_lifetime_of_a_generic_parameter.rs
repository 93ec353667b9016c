use taskweave::prelude::*;

pub struct Holder<'a> {
    pub values: &'a [f64],
}

#[delayed]
fn beside<T: Clone + Send + Sync + 'static>(x: T, held: Holder) -> (T, usize) {
    (x, held.values.len())
}

fn main() {}

// Remedy: a struct that owns what it holds: a task's inputs live longer than a borrow.
