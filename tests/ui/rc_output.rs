use taskweave::prelude::*;

#[delayed]
fn f(x: f64) -> std::rc::Rc<f64> {
    std::rc::Rc::new(x)
}

fn main() {}
