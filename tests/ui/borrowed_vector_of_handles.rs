use taskweave::{delayed, graph};

#[delayed]
fn part(n: u32) -> f64 {
    f64::from(n)
}

#[delayed]
fn total(parts: &[f64]) -> f64 {
    parts.iter().sum()
}

fn main() {
    let graph = graph!({
        let parts: Vec<_> = (0..4).map(|n| part(n)).collect();
        total(&parts)
    });
    assert!(graph.compute().is_ok());
}
