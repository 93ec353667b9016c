//! `into`, `collect`, `sum` and `parse` as arguments of tasks have the parameter's type, as in calls of plain functions.
#![deny(warnings)]
use std::collections::BTreeSet;
use std::error::Error;
use taskweave::prelude::*;

#[delayed]
fn total(values: Vec<f64>) -> f64 {
    values.iter().sum()
}
#[delayed]
fn longer(text: String, by: usize) -> String {
    text + &"!".repeat(by)
}
#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}
#[delayed]
fn chosen(name: Option<String>) -> String {
    name.unwrap_or_default()
}
fn plain(values: Vec<u8>) -> usize {
    values.len()
}
fn small(x: f64) -> u8 {
    x as u8
}
fn distinct(values: BTreeSet<u8>) -> usize {
    values.len()
}

struct Scale(f64);
#[delayed]
impl Scale {
    pub fn all(&self, values: Vec<f64>) -> f64 {
        values.iter().map(|x| x * self.0).sum()
    }
}
#[delayed]
fn scale(by: f64) -> Scale {
    Scale(by)
}

fn main() -> Result<(), Box<dyn Error>> {
    let numbers = [1.0, 2.0, 3.5];
    let graph = graph!({
        let count = plain(numbers.iter().map(|&x| x as u8).collect());
        let sum = total(numbers.iter().copied().collect());
        let text = longer("a".into(), "3".parse()?);
        let parsed = half("5".parse().unwrap());
        let added = half(numbers.iter().sum());
        let name = chosen(Some("b".into()));
        let scaled = scale(2.0).all(numbers.iter().copied().collect());
        let more = longer(String::new(), (count as i64).try_into().expect("a small number"));
        let halves = total(numbers.iter().map(|&x| half(x)).collect());
        let kinds = distinct(numbers.iter().map(|&x| small(x)).collect());
        let tripled = total(numbers.iter().map(|&x| half(x).map(|h| h * 3.0)).collect());
        ((halves, kinds, tripled), sum, text, parsed, added, name, scaled, more)
    });
    let expected = ((3.25, 3, 9.75), 6.5, "a!!!".into(), 2.5, 3.25, "b".into(), 13.0, "!!!".into());
    assert_eq!(graph.compute()?, expected);
    Ok(())
}
