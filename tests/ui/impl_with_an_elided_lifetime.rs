use taskweave::prelude::*;

pub struct Rows<'a> {
    pub text: &'a str,
}

#[delayed]
impl Rows<'_> {
    pub fn count(&self) -> usize {
        self.text.lines().count()
    }
}

fn main() {}
