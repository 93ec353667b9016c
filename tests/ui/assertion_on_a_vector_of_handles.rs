use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let _graph = graph!({
        let halves = vec![half(1.0)];
        assert_eq!(halves, vec![0.5]);
        halves
    });
}
// Remedy: assert it in a task, `gather(halves).map(|values| { assert_eq!(values, vec![0.5]); values })`, or of what `compute` returns.
