use taskweave::prelude::*;

#[delayed]
fn words(texts: &[str]) -> usize {
    texts.len()
}

fn main() {
    let texts = vec!["a".to_string()];
    let _ = graph!({ words(&texts) }).compute();
}
