//! rayon: `scope` for the fan, `join` for the tree. It has no dependencies, so the chain and the lattice cannot be said.

use crate::{Shape, Times, join, leaf, pair};
use rayon::ThreadPool;
use std::time::{Duration, Instant};

fn tree(from: u64, leaves: u64) -> u64 {
    if leaves == 1 {
        return leaf(from);
    }
    let half = leaves / 2;
    let (a, b) = rayon::join(|| tree(from, half), || tree(from + half, half));
    pair(a, b)
}

/// Runs the shape in `pool`, if rayon can say it.
pub fn run(shape: Shape, pool: &ThreadPool) -> Option<Times> {
    let start = Instant::now();
    let value = match shape {
        Shape::Fan(n) => {
            let mut values = vec![0_u64; n as usize];
            pool.scope(|scope| {
                for (i, value) in values.iter_mut().enumerate() {
                    scope.spawn(move |_| *value = leaf(i as u64));
                }
            });
            join(values)
        }
        Shape::Tree(leaves) => pool.install(|| tree(0, u64::from(leaves))),
        Shape::Chain(_) | Shape::Wave(_) => return None,
    };
    Some(Times { construct: Duration::ZERO, execute: start.elapsed(), free: Duration::ZERO, value })
}
