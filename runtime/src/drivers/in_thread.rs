//! The driver without threads: runs every task on the thread that computes, in a fixed order.
//!
//! The oracle of all tests, and a debugger's friend: a breakpoint in a task has the caller of `compute` on its stack.

use super::{Driver, Scheduler, Work};
use crate::error::Error;
use crate::graph::node::NodeRef;
use crate::observe::{Observed, Observer};
use crate::run::seed;
use crate::scheduler::{Context, Run};
use std::ops::Range;

/// Runs a graph on the thread that computes it: always the same order, nothing at the same time.
///
/// # Examples
/// ```
/// # use taskweave_runtime as taskweave;
/// use taskweave::{Graph, InThread};
/// let graph = Graph::build(|graph| graph.value(2).map(|n: i32| n * 3));
/// assert_eq!(graph.compute_on(&InThread)?, 6);
/// # Ok::<(), taskweave::Error>(())
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

pub(super) fn drive(run: &Run<'_>, what: &mut dyn FnMut(&mut dyn Work)) {
    run.begin();
    let roots = run.claim_all_roots();
    let looks_further = run.queue().is_some();
    let mut alone = Alone { run, context: Box::new(run.context(0)), roots, looks_further };
    what(&mut alone);
}

struct Alone<'a> {
    run: &'a Run<'a>,
    /// In a box: what a thread works with is looked at while this is borrowed.
    context: Box<Context<'a>>,
    roots: Range<usize>,
    /// Whether tasks may come from elsewhere than known roots.
    looks_further: bool,
}

impl Alone<'_> {
    /// The next task that nothing has just made ready.
    #[inline]
    fn other(&mut self) -> Option<NodeRef> {
        if self.looks_further {
            return self.look_further();
        }
        self.roots.next().map(|at| self.run.root(at))
    }

    #[cold]
    fn look_further(&mut self) -> Option<NodeRef> {
        let run = self.run;
        let next = run.claim_queued().or_else(|| self.roots.next().map(|at| run.root(at)));
        // What is left may wait until a task of another run makes room for it.
        let last = || run.queue().and_then(|queue| queue.wait_for_one());
        next.or_else(|| run.claim_grown()).or_else(last)
    }
}

impl Work for Alone<'_> {
    fn until_done(&mut self) {
        let run = self.run;
        // SAFETY: it stays where it is while it works.
        let _at_work = unsafe { seed::at_work(Some(&self.context)) };
        while !run.is_done() {
            let Some(node) = self.context.next().or_else(|| self.other()) else { break };
            // SAFETY: R1: a claimed root, or what `execute` found ready, on the only thread there is.
            unsafe { run.execute(node, &self.context) };
        }
        debug_assert!(run.is_done(), "every task is an ancestor of the output");
    }

    fn offer(&mut self) {}
}
