use taskweave::prelude::*;

#[delayed]
fn all<T: Clone + Send + 'static>(some: Vec<T>) -> Vec<Missing> {
    drop(some);
    Vec::new()
}

fn main() {
    let _graph = graph!({ all(vec![1.0]) });
}
// Remedy: `use` the type, or declare it.
