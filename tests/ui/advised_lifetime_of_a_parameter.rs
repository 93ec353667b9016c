use taskweave::prelude::*;

struct Words<'a>(&'a str);

#[delayed]
fn count(words: Words<'__env>) -> usize {
    words.0.len()
}

fn main() {
    let _graph = graph!({ count(Words("a b")) });
}
