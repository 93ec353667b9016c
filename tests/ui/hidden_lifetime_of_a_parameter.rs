use taskweave::prelude::*;

struct Words<'a>(&'a str);

#[delayed]
fn count(words: Words) -> usize {
    words.0.len()
}

fn main() {}

// Remedy: a struct that owns what it holds: a task's inputs live longer than a borrow.
