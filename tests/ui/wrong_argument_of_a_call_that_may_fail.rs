use taskweave::prelude::*;

#[delayed]
fn root(x: f64) -> Result<f64, String> {
    if x < 0.0 { Err("negative".into()) } else { Ok(x.sqrt()) }
}

fn main() {
    let _graph = graph!({ root(4)? });
}
