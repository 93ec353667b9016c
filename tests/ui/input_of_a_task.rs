use taskweave::input;
use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let graph = graph!({
        let _low = input("low", half(1.0));
        1.0
    });
    println!("{graph}");
}
