use taskweave::prelude::*;

#[delayed]
fn all<T: Clone + Send + 'static>(some: Vec<T>) -> Vec<Missing> {
    some.into_iter().map(|_| todo!()).collect()
}

fn main() {
    let _graph = graph!({ all(vec![1.0]) });
}
// Remedy: `use` the type, or declare it.
