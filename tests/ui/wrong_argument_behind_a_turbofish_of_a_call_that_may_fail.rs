use taskweave::prelude::*;

#[delayed]
fn root<T: Into<f64> + Send + Sync + 'static>(of: T, x: f64) -> Result<f64, String> {
    let x: f64 = x + of.into();
    if x < 0.0 { Err("negative".into()) } else { Ok(x.sqrt()) }
}

fn main() {
    let _graph = graph!({ root::<f32>(1.0, 4)? });
}
