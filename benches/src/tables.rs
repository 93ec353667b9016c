//! The shapes as a loop over tables: what one writes by hand to run a graph that is known at run time only. Each task is a row, with its function
//! and the rows it reads, in an order in which they can run; values stand in a vector.

use crate::{Shape, Times, join, leaf, pair, step};
use std::time::{Duration, Instant};

/// A task.
enum Row {
    Leaf(u64),
    Step(u32),
    Pair(u32, u32),
    PairWith(u32, u64),
    Join,
}

/// A graph as tables.
pub struct Tables {
    rows: Vec<Row>,
    values: Vec<u64>,
}

// The functions as a user has them: somewhere else, called for each task.
#[inline(never)]
fn leaf_task(i: u64) -> u64 {
    leaf(i)
}
#[inline(never)]
fn step_task(x: u64) -> u64 {
    step(x)
}
#[inline(never)]
fn pair_task(a: u64, b: u64) -> u64 {
    pair(a, b)
}

impl Tables {
    /// The tables of a shape.
    pub fn new(shape: Shape) -> Tables {
        let mut rows = Vec::new();
        match shape {
            Shape::Fan(n) => {
                rows.extend((0..u64::from(n)).map(Row::Leaf));
                rows.push(Row::Join);
            }
            Shape::Chain(n) => {
                rows.push(Row::Leaf(0));
                rows.extend((1..n).map(|at| Row::Step(at - 1)));
            }
            Shape::Tree(leaves) => {
                rows.extend((0..u64::from(leaves)).map(Row::Leaf));
                let (mut from, mut width) = (0, leaves);
                while width > 1 {
                    rows.extend(
                        (0..width / 2).map(|at| Row::Pair(from + 2 * at, from + 2 * at + 1)),
                    );
                    from += width;
                    width /= 2;
                }
            }
            Shape::Wave(side) => {
                for i in 0..side {
                    for j in 0..side {
                        let at = i * side + j;
                        rows.push(match (i, j) {
                            (0, 0) => Row::Leaf(0),
                            (0, _) => Row::PairWith(at - 1, 0),
                            (_, 0) => Row::PairWith(at - side, leaf(u64::from(i))),
                            _ => Row::Pair(at - 1, at - side),
                        });
                    }
                }
            }
        }
        let values = vec![0; rows.len()];
        Tables { rows, values }
    }

    /// Runs all tasks.
    pub fn run(&mut self) -> Times {
        let start = Instant::now();
        for (at, row) in self.rows.iter().enumerate() {
            self.values[at] = match *row {
                Row::Leaf(i) => leaf_task(i),
                Row::Step(x) => step_task(self.values[x as usize]),
                Row::Pair(a, b) => pair_task(self.values[a as usize], self.values[b as usize]),
                Row::PairWith(a, with) => pair_task(with, self.values[a as usize]),
                Row::Join => join(self.values[..at].iter().copied()),
            };
        }
        let value = self.values.last().copied().unwrap_or(0);
        Times { construct: Duration::ZERO, execute: start.elapsed(), free: Duration::ZERO, value }
    }
}
