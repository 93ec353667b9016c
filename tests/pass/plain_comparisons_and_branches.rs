//! Plain comparisons stay operators, and a plain call with a `;` may end a branch.

use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}
#[delayed]
fn total(values: Vec<f64>) -> f64 {
    values.iter().sum()
}
fn rounds() -> u32 {
    3
}
fn noted(_: f64) {}
fn stop() -> ! {
    panic!("not reached")
}

fn main() {
    let values = vec![1.0, 2.0];
    let name = String::from("a");
    let found = Some(3);
    let note = Some(noted);
    let graph = graph!({
        let least = 1.5;
        let n = rounds();
        let mut halves = Vec::new();
        for (i, x) in values.iter().enumerate() {
            if *x > least && i < values.len() && name == "a" && found == Some(3) {
                halves.push(half(*x));
            } else {
                noted(*x);
            }
        }
        while halves.len() < 2 && n == "3".parse().unwrap() && rounds() > n - 1 {
            halves.push(half(1.0));
        }
        let first = if n as usize <= halves.len() + 1 {
            let of = |x: f64| half(x);
            of(3.0)
        } else if 10 < n {
            fn plain(x: f64) -> f64 {
                x
            }
            half(plain(1.0))
        } else {
            stop();
        };
        if let Some(noted) = note {
            noted(1.0);
        } else {
            noted(2.0);
        }
        match n {
            3 => {
                let note = |x: f64| noted(x);
                note(1.0);
            }
            _ => noted(2.0),
        }
        halves.push(first);
        total(halves)
    });
    assert_eq!(graph.compute().unwrap(), 3.0);
}
