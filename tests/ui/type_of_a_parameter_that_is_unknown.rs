use taskweave::prelude::*;

#[delayed]
fn count(rows: &Vec<Row>) -> usize {
    rows.len()
}

fn main() {}

// Remedy: declare or import `Row`.
