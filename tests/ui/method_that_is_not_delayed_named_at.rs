use taskweave::prelude::*;

struct Line(f64);
impl Line {
    fn at(&self, x: f64) -> f64 {
        self.0 * x
    }
}
#[delayed]
fn fit(slope: f64) -> Line {
    Line(slope)
}

fn main() {
    let _graph = graph!({
        let line = fit(2.0);
        line.at(1.0)
    });
}
// Remedy: put `#[delayed]` on the `impl`, or write `line.map_ref(|line| line.at(1.0))`.
