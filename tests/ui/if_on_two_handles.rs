use taskweave::prelude::*;

#[delayed]
fn open(hour: u32) -> bool {
    hour > 8
}
#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let _graph = graph!({ if open(9) && open(10) { half(1.0) } else { half(2.0) } });
}
// Remedy: wait for the values, `open(9).await && open(10).await`, or decide in a task: `(open(9) & open(10)).map(|both| ..)`.
