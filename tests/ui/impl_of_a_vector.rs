use taskweave::prelude::*;

#[delayed]
impl Vec<f64> {
    pub fn largest(&self, at_least: f64) -> f64 {
        self.iter().copied().fold(at_least, f64::max)
    }
    pub fn beside<T: Clone + Send + Sync + 'static>(&self, other: T) -> (T, usize) {
        (other, self.len())
    }
}

#[delayed]
fn many(n: usize) -> Vec<f64> {
    vec![1.0; n]
}

fn main() {
    let _graph = graph!({ many(3).largest(2.0) });
}

// Remedy: a free function that takes `&[f64]`.
