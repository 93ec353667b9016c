use ndarray::Array2;
use taskweave::prelude::*;

#[delayed]
fn read(text: &'static str) -> Result<Array2<f64>, std::num::ParseFloatError> {
    Ok(Array2::from_elem((2, 2), text.parse()?))
}

#[delayed]
fn rows(x: &Array2<f64>) -> usize {
    x.nrows()
}

fn main() {
    let _graph = graph!({ rows(read("1")) });
}
// Remedy: `rows(read("1")?)`: what fails ends the run with its error.
