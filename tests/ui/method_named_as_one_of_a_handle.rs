use taskweave::prelude::*;

#[derive(Clone, Debug)]
pub struct Model {
    pub slope: f64,
}

#[delayed]
impl Model {
    pub fn named(&self, name: String) -> String {
        format!("{name}: {}", self.slope)
    }
}

fn main() {}
