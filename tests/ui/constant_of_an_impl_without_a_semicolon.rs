use taskweave::prelude::*;

struct Line(f64);

#[delayed]
impl Line {
    const STEP: f64 = 0.5

    pub fn at(&self, x: f64) -> f64 {
        self.0 * x
    }
    pub fn slope(&self) -> f64 {
        self.0
    }
}

#[delayed]
fn fit() -> Line {
    Line(1.0)
}

fn main() {
    let graph = graph!({ fit().slope() });
    let _ = graph.compute();
}

// Remedy: a `;` behind `0.5`.
