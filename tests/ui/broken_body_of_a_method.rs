use taskweave::prelude::*;

struct Line(f64, f64);

#[delayed]
impl Line {
    pub fn at(&self, x: f64) -> f64 {
        self.0 + self.1 x
    }
    pub fn slope(&self) -> f64 {
        self.1
    }
}

#[delayed]
fn fit() -> Line {
    Line(1.0, 2.0)
}

fn main() {
    let graph = graph!({
        let line = fit();
        line.at(line.slope())
    });
    let _ = graph.compute();
}

// Remedy: `self.1 * x`.
