//! What a task costs: the shapes, and each way to run them.
//!
//! A *shape* is a graph whose tasks do next to nothing, so that the time is the scheduler's. Each contender builds it,
//! runs it and frees it, and returns the three times with the result, which is compared with the plain loop's.
//!
//! ```text
//! fan    n tasks, and one that reads them all
//! chain  n tasks, each reads the one before
//! tree   n leaves, then pairs: 2n - 1 tasks
//! wave   a lattice of √n by √n, each task reads its left and its upper neighbour
//! ```

pub mod dag_exec;
pub mod dagx;
pub mod measure;
pub mod obvious;
pub mod ours;
pub mod plain;
pub mod rayon;
pub mod tables;
#[cfg(has_tbb)]
pub mod tbb;
pub mod tokio;

use std::time::{Duration, Instant};

/// A shape and its size.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    /// Independent tasks and one join.
    Fan(u32),
    /// Tasks one after the other.
    Chain(u32),
    /// Leaves (a power of two), summed in pairs.
    Tree(u32),
    /// The side of a square lattice.
    Wave(u32),
}

impl Shape {
    /// The four shapes, with about `tasks` tasks each.
    pub fn all(tasks: u32) -> [Shape; 4] {
        let leaves = 1 << tasks.ilog2();
        [Shape::Fan(tasks), Shape::Chain(tasks), Shape::Tree(leaves), Shape::Wave(tasks.isqrt())]
    }

    /// How many tasks it has.
    pub fn tasks(self) -> u64 {
        match self {
            Shape::Fan(n) => u64::from(n) + 1,
            Shape::Chain(n) => u64::from(n),
            Shape::Tree(leaves) => 2 * u64::from(leaves) - 1,
            Shape::Wave(side) => u64::from(side) * u64::from(side),
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Shape::Fan(_) => "fan",
            Shape::Chain(_) => "chain",
            Shape::Tree(_) => "tree",
            Shape::Wave(_) => "wave",
        }
    }
}

/// The value of an independent task.
pub fn leaf(i: u64) -> u64 {
    i.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23)
}

/// The value of a task with one input.
pub fn step(x: u64) -> u64 {
    x.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1)
}

/// The value of a task with two inputs.
pub fn pair(a: u64, b: u64) -> u64 {
    a.wrapping_mul(3).wrapping_add(b)
}

/// The value of a task with many inputs.
pub fn join(values: impl IntoIterator<Item = u64>) -> u64 {
    values.into_iter().fold(0, |sum, value| sum.wrapping_mul(31).wrapping_add(value))
}

/// What one run took.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// Until the graph is there.
    pub construct: Duration,
    /// Until the result is there; with freeing, where a contender cannot separate the two.
    pub execute: Duration,
    /// Until everything is freed.
    pub free: Duration,
    /// The result.
    pub value: u64,
}

impl Times {
    /// Construct, execute and free.
    pub fn total(&self) -> Duration {
        self.construct + self.execute + self.free
    }
}

/// How long something takes, all of it counted as execution.
pub fn as_times(f: impl FnOnce() -> u64) -> Times {
    let start = Instant::now();
    let value = f();
    Times { construct: Duration::ZERO, execute: start.elapsed(), free: Duration::ZERO, value }
}
