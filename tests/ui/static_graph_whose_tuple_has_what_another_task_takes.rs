use taskweave::prelude::*;
use taskweave::static_graph;

#[delayed]
fn text(x: f64) -> String {
    x.to_string()
}
#[delayed]
fn length(text: String) -> usize {
    text.len()
}

static_graph! {
    pub struct Filter(x: f64) {
        let shown = text(x);
        let size = length(shown);
        (shown, size)
    }
}

fn main() {}
// Remedy: the other task borrows it: `length(&shown)` with a parameter `&str`, or it is cloned
