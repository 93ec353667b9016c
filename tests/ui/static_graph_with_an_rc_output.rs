use taskweave::prelude::*;
use taskweave::static_graph;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}
#[delayed]
fn shared(x: f64) -> std::rc::Rc<f64> {
    std::rc::Rc::new(x)
}
#[delayed]
fn read(x: &std::rc::Rc<f64>) -> f64 {
    **x
}

static_graph! {
    pub struct Shares(x: f64) {
        let s = half(x);
        let r = shared(s);
        let out = read(&r);
        out
    }
}

fn main() {
    println!("{:?}", Shares::new().run(1.0));
}
