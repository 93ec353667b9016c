use taskweave::prelude::*;

#[delayed]
fn numbers(n: usize) -> impl Iterator<Item = usize> {
    0..n
}

#[delayed]
fn count(numbers: Vec<usize>) -> usize {
    numbers.len()
}

fn main() {
    let _ = graph!({ count(numbers(3)) }).compute();
}

// Remedy: return `Vec<usize>`.
