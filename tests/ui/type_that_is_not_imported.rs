use taskweave::prelude::*;

#[delayed]
fn rows(count: usize) -> Vec<Row> {
    Vec::with_capacity(count)
}

fn main() {
    let graph = graph!({ rows(2) });
    let _ = graph.compute();
}

mod table {
    pub struct Row;
}

// Remedy: `use table::Row;`.
