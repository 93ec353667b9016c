use taskweave::prelude::*;

#[delayed]
fn f<'a, T: Into<&'a str> + Send>(x: T) -> usize {
    x.into().len()
}

fn main() {}
