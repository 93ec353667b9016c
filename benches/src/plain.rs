//! The shapes as plain loops: no graph, one thread.

use crate::{Shape, Times, join, leaf, pair, step};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Computes the shape in a loop.
pub fn run(shape: Shape) -> Times {
    let start = Instant::now();
    let value = value(shape);
    Times { construct: Duration::ZERO, execute: start.elapsed(), free: Duration::ZERO, value }
}

/// What every contender has to find.
pub fn value(shape: Shape) -> u64 {
    match black_box(shape) {
        Shape::Fan(n) => {
            let values: Vec<u64> = (0..u64::from(n)).map(leaf).collect();
            join(black_box(values))
        }
        Shape::Chain(n) => (1..n).fold(leaf(0), |x, _| black_box(step(x))),
        Shape::Tree(leaves) => {
            let mut level: Vec<u64> = (0..u64::from(leaves)).map(leaf).collect();
            while level.len() > 1 {
                level = black_box(level.chunks_exact(2).map(|two| pair(two[0], two[1])).collect());
            }
            level[0]
        }
        Shape::Wave(side) => {
            let mut row: Vec<u64> = vec![0; side as usize];
            for i in 0..side {
                let mut left = leaf(u64::from(i));
                for cell in &mut row {
                    left = pair(left, *cell);
                    *cell = left;
                }
                black_box(&mut row);
            }
            row.last().copied().unwrap_or(0)
        }
    }
}
