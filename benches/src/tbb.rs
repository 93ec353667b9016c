//! oneTBB's flow graph, where `libtbb-dev` is installed.

use crate::{Shape, Times};
use std::time::Duration;

unsafe extern "C" {
    fn taskweave_bench_tbb(shape: i32, n: u32, threads: i32, times: *mut f64) -> u64;
}

/// Builds, runs on `threads` threads and frees the shape.
pub fn run(shape: Shape, threads: usize) -> Times {
    let (kind, n) = match shape {
        Shape::Fan(n) => (0, n),
        Shape::Chain(n) => (1, n),
        Shape::Tree(n) => (2, n),
        Shape::Wave(n) => (3, n),
    };
    let mut times = [0.0; 3];
    let threads = i32::try_from(threads).unwrap_or(i32::MAX);
    // SAFETY: the function writes three doubles, and keeps no pointer.
    let value = unsafe { taskweave_bench_tbb(kind, n, threads, times.as_mut_ptr()) };
    let [construct, execute, free] = times.map(Duration::from_secs_f64);
    Times { construct, execute, free, value }
}
