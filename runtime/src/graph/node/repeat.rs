//! Nodes that run again and again: those of a plan.
//!
//! In: a node of a frozen graph, between and in its runs. Out: whether it can run again, and that; its counts, to be set back; its input, to be
//! replaced. Not here: when it runs ([`crate::graph::plan`]). Cites the invariants of [`super`].

use super::{Failure, HAS_VALUE, NodeRef, Role, WithInput};
use crate::scheduler::Context;
use crate::sync::atomic::Ordering::Relaxed;

impl NodeRef {
    /// Why it cannot be run again and again, if it can't. While nothing runs.
    pub(crate) fn is_repeatable(self) -> Result<(), &'static str> {
        let kind = self.kind();
        match kind.again {
            None if kind.role == Role::Grown => Err(
                "is a graph that awaits, which is built anew each time, so the graph around it cannot be frozen",
            ),
            None => Err(
                "can run only once, so the graph cannot be frozen: its closure may give away what it captured; \
                 write a #[delayed] function instead",
            ),
            // SAFETY: N2; nothing runs.
            Some(repeat) if !unsafe { (repeat.can)(self) } => {
                Err("can run only once, so the graph cannot be frozen: a plain \
                 argument goes into it by value and cannot be cloned; declare the value before the graph and lend it with `&`, \
                 put it in an `Arc`, or make its type `Clone`")
            }
            Some(_) => Ok(()),
        }
    }

    /// Runs the task, which stays.
    ///
    /// # Safety
    /// As [`NodeRef::run`], if the node [is repeatable](NodeRef::is_repeatable).
    pub(crate) unsafe fn run_again(self, context: &Context<'_>) -> Result<(), Failure> {
        let repeat = self.kind().again.expect("S3: it is repeatable");
        // SAFETY: N2; passed on.
        unsafe { (repeat.run)(self, context) }
    }

    /// Lets go of all inputs; the task stays.
    ///
    /// # Safety
    /// As [`NodeRef::run_again`].
    pub(crate) unsafe fn skip_again(self, context: &Context<'_>) {
        let repeat = self.kind().again.expect("S3: it is repeatable");
        // SAFETY: N2; passed on.
        unsafe { (repeat.skip)(self, context) }
    }

    pub(crate) fn is_input(self) -> bool {
        self.kind().input.is_some()
    }

    /// Does something with the value of an input.
    ///
    /// # Safety
    /// Nothing runs, and nobody else looks at the node.
    pub(crate) unsafe fn with_input(self, with: &mut WithInput<'_>) -> Result<(), &'static str> {
        match self.kind().input {
            // SAFETY: N2; passed on.
            Some(input) => unsafe { input(self, with) },
            None => Ok(()),
        }
    }

    /// The counts that a prepared run begins with: what it waits for, with its marks, and its readers.
    pub(crate) fn counts(self) -> (u32, u32) {
        (self.header().pending.load(Relaxed), self.header().readers.load(Relaxed))
    }

    /// Whether somebody has to count who reads its output: the output owns something, which the last reader drops or takes.
    pub(crate) fn counts_readers(self) -> bool {
        self.kind().drop_output.is_some()
    }

    /// Sets the counts back, and the place in the output's stead.
    ///
    /// # Safety
    /// Nothing runs, and there is no output.
    #[inline]
    pub(crate) unsafe fn set_back(self, pending: u32, readers: u32, place: u32) {
        self.header().pending.store(pending, Relaxed);
        self.header().readers.store(readers, Relaxed);
        self.set_place(place);
    }

    /// Drops the output, if a run has left it.
    ///
    /// # Safety
    /// Nothing runs; called once after a run.
    pub(crate) unsafe fn drop_left(self) {
        if let Some(drop_output) = self.kind().drop_output
            && self.has(HAS_VALUE)
            && self.readers() > 0
        {
            // SAFETY: N2; nobody has taken it, and nobody will.
            unsafe { drop_output(self) }
        }
    }
}
