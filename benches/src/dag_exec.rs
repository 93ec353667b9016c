//! dag_exec 0.1: tasks under keys, its own threads.

use crate::{Shape, Times, join, leaf, pair, step};
use ::dag_exec::{DagBuilder, Executor, ExecutorConfig};
use std::time::Instant;

type Builder = DagBuilder<u32, u64, ()>;

fn build(shape: Shape) -> (Builder, u32) {
    let mut builder = Builder::new();
    let mut key = 0_u32;
    let mut add =
        |inputs: Vec<u32>, run: Box<dyn Fn(&[std::sync::Arc<u64>]) -> u64 + Send + Sync>| {
            key += 1;
            builder.add_task(key, inputs, move |values| Ok(run(values))).expect("keys are new");
            key
        };
    let output = match shape {
        Shape::Fan(n) => {
            let leaves =
                (0..u64::from(n)).map(|i| add(vec![], Box::new(move |_| leaf(i)))).collect();
            add(leaves, Box::new(|values| join(values.iter().map(|value| **value))))
        }
        Shape::Chain(n) => {
            let mut x = add(vec![], Box::new(|_| leaf(0)));
            for _ in 1..n {
                x = add(vec![x], Box::new(|x| step(*x[0])));
            }
            x
        }
        Shape::Tree(leaves) => {
            let mut level: Vec<u32> =
                (0..u64::from(leaves)).map(|i| add(vec![], Box::new(move |_| leaf(i)))).collect();
            while level.len() > 1 {
                level = level
                    .chunks_exact(2)
                    .map(|two| add(two.to_vec(), Box::new(|x| pair(*x[0], *x[1]))))
                    .collect();
            }
            level[0]
        }
        Shape::Wave(side) => {
            let mut row: Vec<u32> = Vec::new();
            for i in 0..u64::from(side) {
                let mut left: Option<u32> = None;
                for j in 0..side as usize {
                    let cell = match (left, row.get(j).copied()) {
                        (None, None) => add(vec![], Box::new(move |_| pair(leaf(i), 0))),
                        (None, Some(up)) => add(vec![up], Box::new(move |x| pair(leaf(i), *x[0]))),
                        (Some(left), None) => add(vec![left], Box::new(|x| pair(*x[0], 0))),
                        (Some(left), Some(up)) => {
                            add(vec![left, up], Box::new(|x| pair(*x[0], *x[1])))
                        }
                    };
                    match row.get_mut(j) {
                        Some(up) => *up = cell,
                        None => row.push(cell),
                    }
                    left = Some(cell);
                }
            }
            row[row.len() - 1]
        }
    };
    (builder, output)
}

/// Builds, runs on `threads` threads of its own, frees.
pub fn run(shape: Shape, threads: usize) -> Times {
    let start = Instant::now();
    let (builder, output) = build(shape);
    let dag = builder.build().expect("a graph without mistakes");
    let built = Instant::now();
    let config = ExecutorConfig { max_workers: threads, ..ExecutorConfig::default() };
    let results = Executor::new(config).run_parallel(&dag, [output]).expect("no task fails");
    let value = *results[&output];
    let done = Instant::now();
    drop((dag, results));
    let free = done.elapsed();
    Times { construct: built - start, execute: done - built, free, value }
}
