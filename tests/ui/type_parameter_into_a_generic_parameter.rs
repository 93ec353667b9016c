use taskweave::prelude::*;

#[delayed]
fn copies<T: Clone + Send + Sync + 'static>(x: T, n: usize) -> Vec<T> {
    vec![x; n]
}

fn twice<T: Clone + Send + Sync + 'static>(x: T) -> Graph<'static, Vec<T>> {
    graph!({ copies(x, 2) })
}

fn main() {
    drop(twice(1.0));
}
