use taskweave::prelude::*;

#[delayed]
fn load(text: &str) -> Result<f64, std::num::ParseFloatError> {
    text.parse()
}
#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let _graph = graph!({
        let loaded = vec![load("1"), load("2")];
        let mut halves = Vec::new();
        for one in loaded {
            halves.push(half(one?));
        }
        halves
    });
}
// Remedy: `?` behind the call that makes the task, `load("1")?`, or `one.or_fail()`.
