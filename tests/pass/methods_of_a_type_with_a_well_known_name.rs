//! A type of the user's may be called as one of the standard library's: its methods are its own.

use taskweave::prelude::*;

#[derive(Clone, Debug)]
pub struct Duration(f64);

#[delayed]
impl Duration {
    pub fn longer(&self, by: f64) -> f64 {
        self.0 + by
    }
    pub fn beside<T: Clone + Send + Sync + 'static>(self, other: T) -> (f64, T) {
        (self.0, other)
    }
}

#[delayed]
fn last() -> Duration {
    Duration(2.0)
}

fn main() {
    let graph = graph!({
        let duration = last();
        let longer = duration.longer(1.0);
        (longer, duration.beside("text".to_string()))
    });
    assert_eq!(graph.compute().unwrap(), (3.0, (2.0, "text".to_string())));
}
