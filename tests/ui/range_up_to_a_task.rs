use taskweave::prelude::*;

#[delayed]
fn rows(path: &str) -> usize {
    path.len()
}
#[delayed]
fn row(at: usize) -> usize {
    at
}

fn main() {
    let _graph = graph!({
        let mut all = Vec::new();
        for at in 0..rows("a.csv") {
            all.push(row(at));
        }
        all
    });
}
