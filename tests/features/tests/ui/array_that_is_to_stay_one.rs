use ndarray::Ix2;
use taskweave::array::Array;
use taskweave::prelude::*;

#[delayed]
fn tasks(x: Array<f64, Ix2>) -> String {
    x.to_string()
}

fn main() {
    let x = Array::<f64, Ix2>::zeros([4, 2]);
    let _graph = graph!({ tasks(x.clone()) });
}
// Remedy: `tasks(taskweave::val(x.clone()))`, or a parameter `x: &Array<f64, Ix2>`, to which `&x` is lent.
