use taskweave::prelude::*;

struct S;
impl S {
    #[delayed]
    fn f(self: Box<Self>) -> f64 {
        1.0
    }
}

fn main() {}
