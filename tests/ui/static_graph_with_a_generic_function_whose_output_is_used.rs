use taskweave::prelude::*;
use taskweave::static_graph;

#[delayed]
fn first<T: Clone + Send + Sync + 'static>(values: &[T]) -> T {
    values[0].clone()
}

static_graph! {
    pub struct First(values: &[f64]) {
        let out = first(values);
        out
    }
}

fn main() -> Result<(), Error> {
    let y: f64 = First::new().run(&[1.0])?;
    println!("{}", y + First::new().run(&[2.0])?.sqrt());
    Ok(())
}
