//! The shapes as a user of this crate writes them.

use crate::{Shape, Times};
use std::time::{Duration, Instant};
use taskweave::{Graph, Scheduler, delayed, graph};

#[delayed]
fn leaf(i: u64) -> u64 {
    crate::leaf(i)
}
#[delayed]
fn step(x: u64) -> u64 {
    crate::step(x)
}
#[delayed]
fn pair(a: u64, b: u64) -> u64 {
    crate::pair(a, b)
}
#[delayed]
fn join(values: Vec<u64>) -> u64 {
    crate::join(values)
}

/// The graph of a shape.
pub fn build(shape: Shape) -> Graph<'static, u64> {
    match shape {
        Shape::Fan(n) => graph!({
            let values: Vec<_> = (0..u64::from(n)).map(|i| leaf(i)).collect();
            join(values)
        }),
        Shape::Chain(n) => graph!({
            let mut x = leaf(0);
            for _ in 1..n {
                x = step(x);
            }
            x
        }),
        Shape::Tree(leaves) => graph!({
            let mut level: Vec<_> = (0..u64::from(leaves)).map(|i| leaf(i)).collect();
            while level.len() > 1 {
                level = level.chunks_exact(2).map(|two| pair(two[0], two[1])).collect();
            }
            level[0]
        }),
        Shape::Wave(side) => graph!({
            let mut row: Vec<_> = Vec::new();
            for i in 0..u64::from(side) {
                // The first row's upper neighbours and the first column's left ones are plain values.
                let mut left = None;
                for j in 0..side as usize {
                    let cell = match (left, row.get(j).copied()) {
                        (None, None) => pair(crate::leaf(i), 0),
                        (None, Some(up)) => pair(crate::leaf(i), up),
                        (Some(left), None) => pair(left, 0),
                        (Some(left), Some(up)) => pair(left, up),
                    };
                    match row.get_mut(j) {
                        Some(up) => *up = cell,
                        None => row.push(cell),
                    }
                    left = Some(cell);
                }
            }
            row[row.len() - 1]
        }),
    }
}

/// Builds and computes it; `compute` also frees it.
pub fn run(shape: Shape, scheduler: &dyn Scheduler) -> Times {
    let start = Instant::now();
    let graph = build(shape);
    let built = Instant::now();
    let value = graph.compute_on(scheduler).expect("no task fails");
    let done = Instant::now();
    Times { construct: built - start, execute: done - built, free: Duration::ZERO, value }
}
