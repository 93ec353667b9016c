//! Tasks that are run with more than their function: options say how, or somebody observes.
//!
//! In: a ready task of a run that is not plain. Out: the same as of one that is. A plain run, in which nobody has said anything and nobody looks, never comes
//! here. Not here: how a task is tried ([`super::attempts`]), where it waits for its turn ([`super::queue`], [`crate::run::limit`]).

use super::attempts::Tried;
use super::queue::Queue;
use super::{Context, Facts, Run};
use crate::graph::node::{Failure, HAS_VALUE, NodeRef, POISONED};
use crate::observe::spans::Spans;
use crate::run::control::{Control, Early, has_place, under};
use crate::run::limit::Limit;
use crate::sync::atomic::Ordering::Relaxed;
use crate::task::options::TaskOptions;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

impl Run<'_> {
    /// What is said of a task.
    pub(super) fn options(&self, node: NodeRef) -> TaskOptions {
        match (&self.facts, self.growth()) {
            (Facts::Known(extras), _) => extras.options(node),
            (Facts::Kept(extras), _) => extras.options(node),
            (_, Some(growth)) => growth.extras.options(node),
            _ => TaskOptions::new(),
        }
    }

    /// Where tasks are whose turn comes later, if it can be that there are some.
    pub(crate) fn queue(&self) -> Option<&Arc<Queue>> {
        self.queue.as_ref()
    }

    /// The next task of the queue.
    #[inline]
    pub(crate) fn claim_queued(&self) -> Option<NodeRef> {
        self.queue.as_ref().and_then(|queue| queue.pop())
    }

    /// Whether there is one.
    pub(crate) fn has_queued(&self) -> bool {
        self.queue.as_ref().is_some_and(|queue| !queue.is_empty())
    }

    /// Who wants to know at once of a failure; see [`Early`].
    pub(crate) fn tell_early(&mut self, early: Option<Arc<dyn Early>>) {
        self.early = early.filter(|_| self.queue.is_some() && !self.grows());
    }

    /// Who wants to know at once that `node` has failed: if the run stops at that.
    pub(super) fn early(&self, node: NodeRef) -> Option<Arc<dyn Early>> {
        let ends = self.failures_max == NonZeroUsize::MIN
            && self.guard.as_ref().is_none_or(|guard| !guard.guards(node));
        self.early.clone().filter(|_| ends)
    }

    /// Whether tasks of this place don't start any more.
    pub(super) fn is_stopped(&self, place: u32) -> bool {
        place >= self.stop_place.load(Relaxed)
    }

    /// Waits before a task of this place is tried again.
    pub(super) fn pause(&self, place: u32, pause: Duration) {
        match &self.queue {
            Some(queue) if !pause.is_zero() => queue.pause(pause, || self.is_stopped(place)),
            _ => {}
        }
    }

    /// Fewer tasks start than before: those that wait for their turn are skipped in time.
    pub(super) fn stops_early(&self) {
        if let Some(queue) = &self.queue {
            queue.send_back();
            queue.look_again();
        }
    }

    /// Before a run begins: puts its roots on the queue, if that is where ready tasks are kept.
    pub(crate) fn begin(&self) {
        if let Some(queue) = self.queue.as_ref().filter(|queue| queue.sorts()) {
            let roots = self.claim_all_roots();
            queue.push_all(roots.map(|at| (self.root(at), self.priority(self.root(at)))));
        }
    }

    pub(super) fn priority(&self, node: NodeRef) -> i32 {
        self.options(node).priority.unwrap_or(0)
    }

    /// As `execute`, of a run that is not plain.
    ///
    /// # Safety
    /// R1.
    #[cold]
    pub(super) unsafe fn execute_closely(&self, node: NodeRef, context: &Context<'_>) -> bool {
        let Some(place) = self.admits(node, context) else { return false };
        context.limit.set(place);
        // SAFETY: R1.
        let is_output = unsafe {
            match self.observers {
                None => self.execute_unobserved(node, context),
                Some(_) => self.execute_observed(node, context),
            }
        };
        if let Some(queue) = self.queue.as_ref().filter(|queue| queue.sorts()) {
            let ready = context.ready.take();
            queue.push_all(ready.into_iter().map(|node| (node, self.priority(node))));
        }
        is_output
    }

    /// Apart, so that runs inside each other take no stack for it where it is not needed.
    ///
    /// # Safety
    /// R1.
    #[inline(never)]
    unsafe fn execute_unobserved(&self, node: NodeRef, context: &Context<'_>) -> bool {
        // SAFETY: R1.
        let step = unsafe { self.run_or_skip::<true>(node, self.skips(node, context), context) };
        self.complete(node, step, context)
    }

    /// Whether a ready task may begin, and the place it has found in a limit; `None` if it has to wait for one. Its options stand in `context` then.
    #[inline(never)]
    fn admits(&self, node: NodeRef, context: &Context<'_>) -> Option<Option<&'static Limit>> {
        let Some(queue) = &self.queue else { return Some(None) };
        let options = self.options(node);
        context.options.set(options);
        let Some(limit) = options.limit else { return Some(None) };
        let place = node.place();
        // It is skipped, or runs on the place of the task that it is part of.
        if self.is_stopped(place) || node.has(POISONED) || has_place(limit) {
            limit.forgo(node, queue);
            return Some(None);
        }
        queue.may_wait_in(limit);
        if limit.enter(node, options.priority.unwrap_or(0), queue) {
            queue.stays();
            return Some(Some(limit));
        }
        // If the run has been stopped meanwhile, nobody may have seen that the task waits: who stops it takes the same locks after that.
        let gives_up = self.is_stopped(place) && limit.give_up(node, queue);
        gives_up.then(|| {
            queue.stays();
            None
        })
    }

    /// Runs a task as its options say.
    ///
    /// # Safety
    /// As [`NodeRef::run`], or [`NodeRef::run_again`] if the run is kept.
    pub(super) unsafe fn run_closely(
        &self,
        node: NodeRef,
        context: &Context<'_>,
    ) -> Result<(), Failure> {
        context.attempt.set(None);
        // SAFETY: promised by the caller.
        unsafe {
            match self.is_tried(context) {
                true => self.run_tried(node, context),
                false => match &self.spans {
                    Some(spans) => self.run_in_span(spans, node, context),
                    None => self.call(node, context),
                },
            }
        }
    }

    /// Calls a task's function. Inlined, because it is on the stack of runs inside each other.
    ///
    /// # Safety
    /// As [`Run::run_closely`].
    #[inline(always)]
    unsafe fn call(&self, node: NodeRef, context: &Context<'_>) -> Result<(), Failure> {
        // SAFETY: promised by the caller.
        unsafe { if self.is_kept() { node.run_again(context) } else { node.run(context) } }
    }

    /// Runs a task that is not tried.
    ///
    /// # Safety
    /// As [`Run::run_closely`].
    #[inline(never)]
    unsafe fn run_in_span(
        &self,
        spans: &Spans,
        node: NodeRef,
        context: &Context<'_>,
    ) -> Result<(), Failure> {
        // SAFETY: promised by the caller.
        let run = || unsafe { self.call(node, context) };
        match node.kind().role.is_task() {
            true => spans.in_task(&self.name(node), node.place(), 1, run),
            false => run(),
        }
    }

    /// Whether its options say something of how it is tried.
    #[inline(never)]
    fn is_tried(&self, context: &Context<'_>) -> bool {
        if self.queue.is_none() {
            return false;
        }
        let options = context.options.get();
        options.retries.is_some_and(|retries| retries > 0)
            || options.timeout.is_some()
            || context.limit.get().is_some()
    }

    /// Runs a task that is tried.
    ///
    /// # Safety
    /// As [`Run::run_closely`].
    #[inline(never)]
    unsafe fn run_tried(&self, node: NodeRef, context: &Context<'_>) -> Result<(), Failure> {
        let (options, limit) = (context.options.get(), context.limit.get());
        // What is dropped on the way may compute graphs too.
        let _place = limit.map(|limit| under(Some(Arc::new(Control::of_task(Some(limit))))));
        if node.kind().tries.is_some() {
            context.tries.set(Some(Tried { node, options }));
            // SAFETY: promised by the caller.
            return unsafe { node.run_tried(context, self.is_kept()) };
        }
        let options = TaskOptions { retries: None, ..options };
        // SAFETY: promised by the caller; there is one attempt.
        let outcome =
            Tried { node, options }.all(context, &mut |_| unsafe { self.call(node, context) });
        if outcome.is_err() && node.has(HAS_VALUE) {
            // It came too late.
            node.drop_value(context);
            node.clear_alone(HAS_VALUE);
        }
        outcome
    }
}
