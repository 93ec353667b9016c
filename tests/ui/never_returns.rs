use taskweave::prelude::*;

#[delayed]
fn f() -> ! {
    panic!()
}

fn main() {}
