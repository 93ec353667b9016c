use taskweave::prelude::*;

#[delayed]
fn pair(x: f64) -> (f64, f64) {
    (x, x)
}

fn main() {
    let _graph = graph!({
        let pairs: Vec<_> = [0.5, 1.0].map(|x| pair(x)).into();
        pairs.iter().map(|pair| pair.0 * 2.0).collect::<Vec<_>>()
    });
}
// Remedy: take the tuple apart where the task is made, `let (a, b) = pair(x);`, or write `pair.map_ref(|pair| pair.0)`.
