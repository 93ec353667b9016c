use taskweave::prelude::*;
use taskweave::static_graph;

struct Line(String);

impl Line {
    fn into_text(self) -> String {
        self.0
    }
}

#[delayed]
fn trimmed(text: &str) -> Line {
    Line(text.trim().to_string())
}
#[delayed]
fn length(line: &Line) -> usize {
    line.0.len()
}
#[delayed]
fn size(text: String) -> usize {
    text.capacity()
}
#[delayed]
fn both(first: usize, second: usize) -> usize {
    first + second
}

static_graph! {
    pub struct Measured(text: &str) {
        let line = trimmed(text);
        let length = length(&line);
        let size = size(line.into_text());
        let out = both(length, size);
        out
    }
}

fn main() {}
// Remedy: let its function take the whole value, which then comes after those that borrow it; or take a `.clone()` of the part.
