//! What is generic goes in by `val`; what it is made of decides the type.
#![deny(warnings)]
use taskweave::prelude::*;
use taskweave::val;

#[delayed(name = "shown")]
fn shown<T: std::fmt::Display + Send + 'static>(x: T) -> String {
    x.to_string()
}
#[delayed]
fn joined(texts: Vec<String>) -> String {
    texts.join(" ")
}

fn main() {
    let graph = graph!({
        let number = shown(val(1.5_f32));
        let text = shown(val("a"));
        let whole = shown(val(7));
        joined(vec![number, text, whole])
    });
    assert_eq!(graph.compute().unwrap(), "1.5 a 7");
}
