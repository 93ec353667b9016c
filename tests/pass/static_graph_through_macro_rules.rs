use taskweave::prelude::*;
use taskweave::static_graph;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

macro_rules! named {
    ($name:ident, $f:path, $call:expr) => {
        static_graph! {
            pub struct $name(x: f64, _unused: u8) {
                let first = $f(x);
                let out = half(first);
                out
            }
        }
        const _: () = assert!($name::TASKS == 2);
    };
}
named!(Quarter, half, half(1.0));

fn main() {
    assert_eq!(Quarter::new().run(8.0, 0).unwrap(), 2.0);
}
