//! The driver without threads: runs every task on the thread that computes, in a fixed order.
//!
//! The oracle of all tests, and a debugger's friend: a breakpoint in a task has the caller of `compute` on its stack.

use super::{Driver, Scheduler};
use crate::error::Error;
use crate::observe::{Observed, Observer};
use crate::scheduler::Run;

/// Runs a graph on the thread that computes it: always the same order, nothing at the same time.
///
/// # Examples
/// ```
/// use taskweave_runtime::{Graph, InThread};
/// let graph = Graph::build(|graph| graph.value(2).map(|n: i32| n * 3));
/// assert_eq!(graph.compute_on(&InThread)?, 6);
/// # Ok::<(), taskweave_runtime::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct InThread;

impl Scheduler for InThread {
    fn driver(&self) -> Result<Driver, Error> {
        Ok(Driver::in_thread())
    }
}

impl InThread {
    /// The same scheduler, whose runs `observer` sees; see [`Observer`].
    pub fn observe(self, observer: impl Observer + 'static) -> Observed<Self> {
        Observed::new(self, observer)
    }
}

pub(super) fn drive(run: &Run<'_>) {
    let context = run.context(0);
    let mut roots = run.claim_all_roots();
    while let Some(node) = context.next().or_else(|| roots.next().map(|at| run.root(at))) {
        // SAFETY: R1: a claimed root, or what `execute` found ready, on the only thread there is.
        unsafe { run.execute(node, &context) };
    }
    debug_assert!(run.is_done(), "every task is an ancestor of the output");
}
