use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}
#[delayed]
fn copies<T: Clone + Send + Sync + 'static>(count: usize, x: T) -> Vec<T> {
    vec![x; count]
}

fn main() {
    let _graph = graph!({
        let all = copies::<f64>(half(4.0));
        all.map_ref(|all| all.len())
    });
}
// Remedy: pass how many there are: `copies::<f64>(2, half(4.0))`.
