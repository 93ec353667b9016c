use taskweave::prelude::*;

#[delayed]
fn even(n: u32) -> Option<u32> {
    (n % 2 == 0).then_some(n)
}

#[delayed]
fn total(values: Vec<u32>) -> u32 {
    values.iter().sum()
}

fn main() {
    let _ = graph!({
        let values = (0..4).map(|n| even(n)).collect::<Option<Vec<_>>>();
        total(values.unwrap_or_default())
    });
}

// Remedy: `fn total(values: Vec<Option<u32>>)`, and a `Vec` collected for it.
