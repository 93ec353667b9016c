#![deny(warnings)]
use taskweave::prelude::*;

struct Model(f64);

#[delayed]
fn load(path: &str, scale: f64, model: &mut Model, map: impl Fn(f64) -> f64, more: Option<f64>) -> f64 {
    model.0 = map(scale) + more.unwrap_or(0.0);
    path.len() as f64
}

#[delayed]
fn double(x: f64) -> f64 {
    2.0 * x
}

fn main() {
    let root = String::from("a/");
    let (scale, by) = (1.0, 2.0);
    let model = Model(1.0);
    let graph = graph!({
        let offset = 1.0;
        let half = double(0.25);
        let first = load(&root[1..], scale + half, model.0.into(), |x| x * by, None);
        let second = load(format!("{root}b"), "1".parse().unwrap(), Default::default(), |x| x + offset, vec![].pop());
        double(first) + second
    });
    let _ = graph.compute();
}
