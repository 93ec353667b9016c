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
fn mean(values: &Vec<f64>) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}
struct Text;
impl Text {
    fn parse(&self) -> Result<f64, String> {
        Ok(6.0)
    }
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
        let (first, (values, ..)) = ("1".parse()?, ([4.0].iter().copied().collect(), 0));
        let in_tuples = (half(first), total(values));
        let before = "3".parse().unwrap();
        let sooner = half(before + 1.0);
        let operands = (sooner, half(before));
        let of_ones_own = Text.parse()?;
        let borrowed = [1.0, 2.0].iter().map(|x| x * 2.0).collect();
        let plain_uses = (half(of_ones_own + 1.0), half(mean(&borrowed)));
        let (a, b) = (half(1.0), half(2.0));
        let (c, d) = (plain(1.0), plain(2.0));
        let arrays = (total([a, b].into()), total([c, d].into()));
        let new = (in_tuples, operands, plain_uses, arrays);
        (new, total(halves), total(none), total(filled), total(plain_ones), numbers, own)
    });
    let (new, halves, none, filled, plain_ones, numbers, own) = graph.compute()?;
    assert_eq!(new, ((0.5, 4.0), (2.0, 1.5), (3.5, 1.5), (1.5, 3.0)));
    assert_eq!((halves, none, filled, plain_ones), (1.5, 0.0, 0.5, 3.0));
    assert_eq!(numbers, (1.5, 2.5, 1.5, 1.5, 3.0));
    assert_eq!(own, (2.0, 4.0, 2.0));
    Ok(())
}
