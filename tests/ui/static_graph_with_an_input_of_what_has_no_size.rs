use taskweave::prelude::*;
use taskweave::static_graph;

#[delayed]
fn count(texts: &[String]) -> usize {
    texts.len()
}

static_graph! {
    pub struct Count(texts: &[str]) {
        let count = count(texts);
        count
    }
}

fn main() {}
