use taskweave::prelude::*;

struct S;
impl S {
    #[delayed]
    fn f(&self, x: f64) -> f64 {
        x
    }
}

fn main() {}
