use taskweave::prelude::*;

#[delayed]
fn words(texts: Vec<str>) -> usize {
    texts.len()
}

fn main() {
    let _ = graph!({ words(vec!["a".to_string()]) }).compute();
}
