//! A format string names what a plain function gave, beside arguments that are tasks' values; and a module `path` of the user's own.
#![deny(warnings)]
use taskweave::prelude::*;

mod path {
    #[derive(Clone)]
    pub struct Path(pub Vec<u32>);
}

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}
#[delayed]
fn longest(all: Vec<path::Path>, one: path::Path) -> usize {
    all.iter().chain([&one]).map(|path| path.0.len()).max().unwrap_or(0)
}
fn width() -> usize {
    6
}
fn places() -> usize {
    2
}

fn main() {
    let graph = graph!({
        let (w, p) = (width(), places());
        let text = format!("{:>w$.p$}|{w}", half(3.0).await);
        (half(1.0), text)
    });
    assert_eq!(graph.compute().unwrap(), (0.5, "  1.50|6".to_owned()));
    let one = path::Path(vec![1, 2]);
    let graph = graph!({ longest(vec![one.clone()], one.clone()) });
    assert_eq!(graph.compute().unwrap(), 2);
}
