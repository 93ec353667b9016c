use taskweave::prelude::*;

#[delayed(crate = "taskweave")]
fn f(x: f64) -> f64 {
    x
}

fn main() {}
