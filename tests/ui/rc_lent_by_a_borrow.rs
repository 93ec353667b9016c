use taskweave::prelude::*;

#[delayed]
fn length(text: &str) -> usize {
    text.len()
}

fn main() {
    let text = std::rc::Rc::new(String::from("x"));
    let _graph = graph!({ length(&text) });
}
