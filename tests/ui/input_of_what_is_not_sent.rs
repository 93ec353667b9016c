use std::rc::Rc;
use taskweave::input;
use taskweave::prelude::*;

fn main() {
    let graph = graph!({
        let _low = input("low", Rc::new(1.0));
        1.0
    });
    println!("{graph}");
}
