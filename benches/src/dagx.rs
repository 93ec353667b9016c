//! dagx 0.3 on tokio. A task's inputs are a tuple, so the fan's wide join cannot be said.

use crate::{Shape, Times};
use dagx::{DagRunner, Task, TaskHandle, task};
use std::time::Instant;
use tokio::runtime::Runtime;

struct Leaf(u64);
#[task]
impl Leaf {
    async fn run(&self) -> u64 {
        crate::leaf(self.0)
    }
}
struct Step;
#[task]
impl Step {
    async fn run(x: &u64) -> u64 {
        crate::step(*x)
    }
}
struct Pair;
#[task]
impl Pair {
    async fn run(a: &u64, b: &u64) -> u64 {
        crate::pair(*a, *b)
    }
}
/// The first column: a plain value and the upper neighbour.
struct First(u64);
#[task]
impl First {
    async fn run(&self, up: &u64) -> u64 {
        crate::pair(self.0, *up)
    }
}
/// The corner.
struct Corner(u64);
#[task]
impl Corner {
    async fn run(&self) -> u64 {
        crate::pair(self.0, 0)
    }
}
/// The first row: the left neighbour and nothing above.
struct Top;
#[task]
impl Top {
    async fn run(left: &u64) -> u64 {
        crate::pair(*left, 0)
    }
}

fn build(dag: &DagRunner, shape: Shape) -> Option<TaskHandle<u64>> {
    Some(match shape {
        Shape::Fan(_) => return None,
        Shape::Chain(n) => {
            let mut x: TaskHandle<u64> = dag.add_task(Leaf(0)).into();
            for _ in 1..n {
                x = dag.add_task(Step).depends_on(x);
            }
            x
        }
        Shape::Tree(leaves) => {
            let mut level: Vec<TaskHandle<u64>> =
                (0..u64::from(leaves)).map(|i| dag.add_task(Leaf(i)).into()).collect();
            while level.len() > 1 {
                level = level
                    .chunks_exact(2)
                    .map(|two| dag.add_task(Pair).depends_on((&two[0], &two[1])))
                    .collect();
            }
            level[0]
        }
        Shape::Wave(side) => {
            let mut row: Vec<TaskHandle<u64>> = Vec::new();
            for i in 0..u64::from(side) {
                let mut left: Option<TaskHandle<u64>> = None;
                for j in 0..side as usize {
                    let cell: TaskHandle<u64> = match (left, row.get(j).copied()) {
                        (None, None) => dag.add_task(Corner(crate::leaf(i))).into(),
                        (None, Some(up)) => dag.add_task(First(crate::leaf(i))).depends_on(up),
                        (Some(left), None) => dag.add_task(Top).depends_on(left),
                        (Some(left), Some(up)) => dag.add_task(Pair).depends_on((&left, &up)),
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
    })
}

/// Builds, runs in `runtime` and frees the shape, if dagx can say it.
pub fn run(shape: Shape, runtime: &Runtime) -> Option<Times> {
    let start = Instant::now();
    let dag = DagRunner::new();
    let output = build(&dag, shape)?;
    let built = Instant::now();
    let value = runtime.block_on(async {
        dag.run(|task| {
            tokio::spawn(task);
        })
        .await
        .expect("no task fails");
        dag.get(output).expect("it has run")
    });
    let done = Instant::now();
    drop(dag);
    let free = done.elapsed();
    Some(Times { construct: built - start, execute: done - built, free, value })
}
