use taskweave::prelude::*;

#[delayed]
fn weighed<T: Clone + Send + Sync + 'static>(x: T, weights: Weights) -> (T, f64) {
    (x, weights.sum)
}

fn main() {
    let _graph = graph!({ weighed(1.0, 2.0) });
}

// Remedy: declare the type, or import it.
