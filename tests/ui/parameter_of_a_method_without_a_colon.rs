use taskweave::prelude::*;

struct Line(f64);

#[delayed]
impl Line {
    pub fn at(&self, x f64) -> f64 {
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
    let graph = graph!({
        let line = fit();
        line.at(line.slope())
    });
    let _ = graph.compute();
}

// Remedy: `x: f64`.
