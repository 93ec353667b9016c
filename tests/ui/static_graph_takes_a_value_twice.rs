use taskweave::prelude::*;
use taskweave::static_graph;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}
#[delayed]
fn add(a: f64, b: f64) -> f64 {
    a + b
}
#[delayed]
fn trimmed(text: &str) -> String {
    text.trim().to_string()
}
#[delayed]
fn upper(line: String) -> String {
    line.to_uppercase()
}
#[delayed]
fn joined(first: String, second: String) -> String {
    first + &second
}

static_graph! {
    pub struct Page(text: &str) {
        let out = joined(first, second);
        let first = upper(line);
        let second = upper(line);
        let line = trimmed(text);
        out
    }
}

fn main() {}
// Remedy: lend it with `&` to functions that only read, or `.clone()` it in one of the arguments.
