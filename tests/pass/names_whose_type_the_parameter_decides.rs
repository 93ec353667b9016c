//! A name bound to what has any type, and methods of one's own that are called as those of iterators.
#![deny(warnings)]
use std::error::Error;
use taskweave::prelude::*;

#[delayed]
fn total(values: Vec<f64>) -> f64 {
    values.iter().sum()
}
#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}
fn plain(x: f64) -> f64 {
    x
}

struct Scale(f64);
#[delayed]
impl Scale {
    pub fn sum(&self) -> f64 {
        self.0
    }
    pub fn product(&self, by: f64) -> f64 {
        self.0 * by
    }
    pub fn collect(&self) -> f64 {
        self.0
    }
}
#[delayed]
fn scale(by: f64) -> Scale {
    Scale(by)
}

fn main() -> Result<(), Box<dyn Error>> {
    let graph = graph!({
        let halves = (0..3).map(|n| half(f64::from(n))).collect();
        let parsed = "3".parse().unwrap();
        let asked = "5".parse()?;
        let small = 3i32.into();
        let none = Vec::new();
        let added = [1.0, 2.0].iter().sum();
        let plain_ones = [1.0, 2.0].iter().copied().collect();
        let renamed = asked;
        let mut filled = Vec::new();
        filled.push(half(1.0));
        let scale = scale(4.0);
        let own = (half(scale.sum()), half(scale.product(2.0)), half(scale.collect()));
        let known = plain(small) + plain(small);
        let numbers = (half(parsed), half(renamed), half(small), half(added), half(known));
        (total(halves), total(none), total(filled), total(plain_ones), numbers, own)
    });
    let (halves, none, filled, plain_ones, numbers, own) = graph.compute()?;
    assert_eq!((halves, none, filled, plain_ones), (1.5, 0.0, 0.5, 3.0));
    assert_eq!(numbers, (1.5, 2.5, 1.5, 1.5, 3.0));
    assert_eq!(own, (2.0, 4.0, 2.0));
    Ok(())
}
