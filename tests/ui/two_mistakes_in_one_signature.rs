use taskweave::prelude::*;

#[delayed]
async fn f(x: &mut f64) -> &str {
    ""
}

fn main() {}
