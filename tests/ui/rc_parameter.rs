use taskweave::prelude::*;

#[delayed]
fn f(x: std::rc::Rc<f64>) -> f64 {
    *x
}

fn main() {}
