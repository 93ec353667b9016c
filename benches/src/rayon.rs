//! rayon: `scope` for the fan, `join` for the tree. It has no dependencies, so the chain and the lattice cannot be said; where a shape runs
//! again and again, one would write the fan as a parallel iterator, and the lattice as one for each diagonal.

use crate::{Shape, Times, as_times, join, leaf, pair};
use rayon::ThreadPool;
use rayon::prelude::*;
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

/// Runs the shape in `pool` as one would if it has to run again and again.
pub fn run_again(shape: Shape, pool: &ThreadPool) -> Option<Times> {
    match shape {
        Shape::Fan(n) => Some(as_times(|| {
            let leaves = || (0..u64::from(n)).into_par_iter().map(leaf).collect::<Vec<_>>();
            join(pool.install(leaves))
        })),
        Shape::Wave(side) => Some(as_times(|| pool.install(|| diagonals(side as usize)))),
        Shape::Chain(_) | Shape::Tree(_) => run(shape, pool),
    }
}

/// The lattice, diagonal by diagonal: row `i` of a diagonal reads rows `i` and `i - 1` of the one before.
fn diagonals(side: usize) -> u64 {
    let (mut before, mut next) = (vec![0_u64; side], vec![0_u64; side]);
    for diagonal in 0..(2 * side).saturating_sub(1) {
        let first = (diagonal + 1).saturating_sub(side);
        let rows = first..side.min(diagonal + 1);
        next[rows].par_iter_mut().enumerate().for_each(|(at, cell)| {
            let i = first + at;
            let left = if i == diagonal { leaf(i as u64) } else { before[i] };
            *cell = pair(left, if i == 0 { 0 } else { before[i - 1] });
        });
        std::mem::swap(&mut before, &mut next);
    }
    before.last().copied().unwrap_or(0)
}
