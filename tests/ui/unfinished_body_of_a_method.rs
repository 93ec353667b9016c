use taskweave::prelude::*;

struct Line(f64);

#[delayed]
impl Line {
    #[delayed(name = "a point")]
    pub fn at(&self, x: f64) -> f64 {
        self.0 *
    }
}

#[delayed]
fn fit() -> Line {
    Line(1.0)
}

fn main() {
    let graph = graph!({ fit().at(1.0) });
    let _ = graph.compute();
}

// Remedy: `self.0 * x`.
