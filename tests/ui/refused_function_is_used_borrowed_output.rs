use taskweave::prelude::*;

#[delayed]
fn load() -> String {
    String::from("a b")
}

#[delayed]
fn first(text: &str) -> &str {
    text.split(' ').next().unwrap_or(text)
}

#[delayed]
fn len(text: &str) -> usize {
    text.len()
}

fn main() {
    let graph = graph!({
        let text = load();
        let first = first(&text);
        len(&first)
    });
    let _ = graph.compute();
}

// Remedy: return `String`.
