use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

macro_rules! twice {
    ($what:expr => $how:ident) => {
        ($what, $how)
    };
}

fn main() {
    let _graph = graph!({ twice!(half(1.0) => half) });
}
