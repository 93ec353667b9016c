use taskweave::prelude::*;

#[derive(Default)]
pub struct Estimate {
    pub sum: f64,
}
#[delayed]
fn merged(a: Estimate, b: f64) -> Estimate {
    Estimate { sum: a.sum + b }
}

fn main() {
    let _graph = graph!({
        let mut total = Estimate::default();
        for x in [1.0, 2.0] {
            total = merged(total, x);
        }
        total
    });
}
// Remedy: begin with a handle: `let mut total = taskweave::gather(Estimate::default());`.
