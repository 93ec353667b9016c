use taskweave::prelude::*;

struct S;
#[delayed]
impl S {
    fn f(&self) -> f64 {
        1.0
    }
}

fn main() {}
