//! tokio: a spawned task for each, which awaits the handles of those it reads. A handle has one reader, so the lattice cannot
//! be said.

use crate::{Shape, Times, join, leaf, pair, step};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

/// Runs the shape in `runtime`, if tokio can say it.
pub fn run(shape: Shape, runtime: &Runtime) -> Option<Times> {
    let start = Instant::now();
    let value = match shape {
        Shape::Fan(n) => runtime.block_on(async {
            let tasks: Vec<_> =
                (0..u64::from(n)).map(|i| tokio::spawn(async move { leaf(i) })).collect();
            let mut values = Vec::with_capacity(tasks.len());
            for task in tasks {
                values.push(task.await.expect("no task panics"));
            }
            join(values)
        }),
        Shape::Chain(n) => runtime.block_on(async {
            let mut last = tokio::spawn(async { leaf(0) });
            for _ in 1..n {
                let before = last;
                last = tokio::spawn(async move { step(before.await.expect("no task panics")) });
            }
            last.await.expect("no task panics")
        }),
        Shape::Tree(leaves) => runtime.block_on(async {
            let mut level: Vec<_> =
                (0..u64::from(leaves)).map(|i| tokio::spawn(async move { leaf(i) })).collect();
            while level.len() > 1 {
                let mut next = Vec::with_capacity(level.len() / 2);
                let mut level_left = level.into_iter();
                while let (Some(a), Some(b)) = (level_left.next(), level_left.next()) {
                    next.push(tokio::spawn(async move {
                        pair(a.await.expect("no task panics"), b.await.expect("no task panics"))
                    }));
                }
                level = next;
            }
            let root = level.pop().expect("a tree has a root");
            root.await.expect("no task panics")
        }),
        Shape::Wave(_) => return None,
    };
    Some(Times { construct: Duration::ZERO, execute: start.elapsed(), free: Duration::ZERO, value })
}
