use taskweave::prelude::*;

pub struct Report {
    pub title: String,
}

#[delayed]
impl Report {
    pub fn title(&self) -> &str {
        &self.title
    }
}

fn main() {}
