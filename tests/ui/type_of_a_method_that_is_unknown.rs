use taskweave::prelude::*;

struct Table;

#[delayed]
impl Table {
    pub fn add(&self, rows: Vec<Row>) -> usize {
        rows.len()
    }
}

fn main() {}

// Remedy: declare or import `Row`.
