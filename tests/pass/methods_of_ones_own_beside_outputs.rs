//! Methods of one's own on outputs, and collections of one's own that hold some: they may give anything.
#![deny(warnings)]

use std::collections::BTreeSet;
use std::fmt::{Display, Formatter};
use taskweave::Delayed;
use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}
#[delayed]
fn pair(x: f64) -> (f64, f64) {
    (x, x + 1.0)
}
#[delayed]
fn total(values: Vec<f64>) -> f64 {
    values.iter().sum()
}

#[delayed]
fn different(labels: BTreeSet<String>) -> usize {
    labels.len()
}

trait Label {
    fn label(&self) -> String;
}
impl<T> Label for Delayed<'_, '_, T> {
    fn label(&self) -> String {
        "output".into()
    }
}

trait Both<'g, 'env> {
    fn both(self) -> (Delayed<'g, 'env, f64>, Delayed<'g, 'env, f64>);
}
impl<'g, 'env> Both<'g, 'env> for Delayed<'g, 'env, (f64, f64)> {
    fn both(self) -> (Delayed<'g, 'env, f64>, Delayed<'g, 'env, f64>) {
        self.unzip()
    }
}

/// A collection, of which is known how many it has.
#[derive(Default)]
struct Log<'g, 'env>(Vec<Delayed<'g, 'env, f64>>);

impl<'g, 'env> Log<'g, 'env> {
    fn push(&mut self, output: Delayed<'g, 'env, f64>) {
        self.0.push(output);
    }

    fn max(&self) -> usize {
        self.0.len()
    }

    fn unzip(&self) -> (usize, usize) {
        (self.0.len(), 0)
    }
}

impl Display for Log<'_, '_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} tasks", self.0.len())
    }
}

impl PartialEq<usize> for Log<'_, '_> {
    fn eq(&self, count: &usize) -> bool {
        self.0.len() == *count
    }
}

trait Sorted: Iterator + Sized {
    fn sort(self) -> Vec<Self::Item> {
        self.collect()
    }
}
impl<I: Iterator> Sorted for I {}

fn main() -> Result<(), Error> {
    // Taken apart by hand, one by one.
    let graph = graph!({
        let pairs = vec![pair(1.0), pair(2.0)];
        let (xs, ys): (Vec<_>, Vec<_>) = pairs.into_iter().map(|p| p.unzip()).unzip();
        let apart: Vec<(_, _)> = [3.0, 4.0].iter().map(|&x| pair(x).unzip()).collect();
        let (us, vs): (Vec<_>, Vec<_>) = apart.into_iter().unzip();
        let (ws, zs): (Vec<_>, Vec<_>) = [5.0].iter().map(|&x| pair(x).both()).unzip();
        (total(xs), total(ys), total(us), total(vs), total(ws), total(zs))
    });
    assert_eq!(graph.compute()?, (3.0, 5.0, 7.0, 9.0, 5.0, 6.0));

    let graph = graph!({
        let ((a, b), (c, _)) = (pair(1.0).unzip(), pair(2.0).unzip());
        let p = pair(3.0);
        let (x, (d, _)) = (half(1.0), p.unzip());
        let (y, (e, _)) = (half(2.0), pair(4.0).both());
        let split = |x: f64| pair(x).unzip();
        let (n, (f, _)) = (1, split(5.0));
        assert_eq!(n, 1);
        let t = pair(6.0).unzip();
        let (g, _) = t;
        let mut sum = half(0.0);
        for (one, _) in vec![pair(7.0), pair(8.0)].into_iter().map(|p| p.unzip()) {
            sum = sum + one;
        }
        ((a, b, c, x, d), (y, e, f, g, sum))
    });
    assert_eq!(graph.compute()?, ((1.0, 2.0, 2.0, 0.5, 3.0), (1.0, 4.0, 5.0, 6.0, 15.0)));

    let graph = graph!({
        let mut log = Log::default();
        log.push(half(1.0));
        log.push(half(2.0));
        assert!(log == 2);
        assert_eq!(format!("{log}"), "2 tasks");
        assert_eq!((log.max(), log.unzip()), (2, (2, 0)));
        let sorted = [1.0, 2.0].iter().map(|&x| half(x)).sort();
        (total(log.0), total(sorted))
    });
    assert_eq!(graph.compute()?, (1.5, 1.5));

    let graph = graph!({
        let outputs = vec![half(1.0), half(2.0)];
        let mut labels: Vec<String> = outputs.iter().map(|output| output.label()).collect();
        labels.sort();
        labels.dedup();
        assert_eq!(format!("{labels:?}"), "[\"output\"]");
        assert_eq!(outputs.iter().map(|output| output.label().len()).sum::<usize>(), 12);
        let labels = different(outputs.iter().map(|output| output.label()).collect());
        (labels, total(outputs))
    });
    assert_eq!(graph.compute()?, (1, 1.5));

    // What a method of one's own gives is plain where its type is written.
    let graph = graph!({
        let output = half(8.0);
        let label: String = output.label();
        println!("{label}");
        assert_eq!(label, "output");
        let letters: usize = label.len();
        let mut sum = output;
        for _ in 0..letters {
            sum = sum + half(letters as f64);
        }
        sum
    });
    assert_eq!(graph.compute()?, 22.0);
    Ok(())
}
