//! What a worker carries while it executes tasks of one run: what became ready, and what went wrong on the way.
//!
//! In: calls from nodes and sources ([`crate::graph::node`], [`crate::task::source`]). Out: tasks for the driver. Not shared between threads.

use super::attempts::{Tried, Tries};
use super::failures::{drop_caught, drop_silently};
use super::observed::Steps;
use super::{Facts, Run};
use crate::error::{Attempt, Error};
use crate::graph::extras::Cloner;
use crate::graph::node::{Failure, NodeRef};
use crate::graph::plan::Counts;
use crate::run::limit::Limit;
use crate::run::seed::seed;
use crate::sync::atomic::Ordering::Relaxed;
use crate::task::options::TaskOptions;
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::sync::PoisonError;

/// What a worker carries while it executes tasks of one run.
pub struct Context<'r> {
    pub(super) run: &'r Run<'r>,
    pub(super) worker: u32,
    /// [`Run::sequence`], and whether a value that need not be dropped can be read as often as wanted.
    pub(super) sequence: bool,
    pub(super) copies: bool,
    /// The task that runs, or ran last.
    pub(super) task: Cell<Option<NodeRef>>,
    /// Where it stands in `counts`, which are there if the run is one task after the other.
    pub(super) at: Cell<usize>,
    pub(super) counts: &'r [Counts],
    /// Found ready and not taken yet; the last is the one to go on with.
    pub(super) ready: RefCell<Vec<NodeRef>>,
    pub(super) dropped: RefCell<Option<Box<dyn Any + Send>>>,
    /// What the task that runs has caught.
    pub(super) caught: RefCell<Option<Error>>,
    /// What is said of the task that is about to run.
    pub(super) options: Cell<TaskOptions>,
    /// How it is tried.
    pub(super) tries: Cell<Option<Tried>>,
    /// Which attempt of it goes on, or was the last.
    pub(super) attempt: Cell<Option<Attempt>>,
    /// Where it has found a place.
    pub(super) limit: Cell<Option<&'static Limit>>,
    /// Boxed, because few runs are observed.
    pub(super) steps: RefCell<Option<Box<Steps>>>,
    /// In an observed run: when the last task ended, if the worker has gone straight on since.
    pub(super) ended: Cell<Option<u64>>,
    /// A tied output is gone, and somebody may be waiting for that.
    pub(super) eased: Cell<bool>,
}

impl Context<'_> {
    /// The task at `at` is about to run, in a run that is one after the other.
    #[inline]
    pub(super) fn begins(&self, task: NodeRef, at: usize) {
        self.task.set(Some(task));
        self.at.set(at);
    }

    /// See [`crate::task_attempt`].
    pub(crate) fn attempt_number(&self) -> u32 {
        self.attempt.get().map_or(1, |attempt| attempt.number)
    }

    /// See [`crate::task_seed`].
    pub(crate) fn seed(&self) -> Option<u64> {
        let task = self.task.get()?;
        let number = match (self.run.growth(), self.counts.get(self.at.get())) {
            (Some(mut growth), _) => growth.number(task)?,
            (None, Some(counts)) => counts.place,
            // It has no value yet.
            (None, None) => task.place(),
        };
        Some(seed(self.run.seed, &self.run.name(task), u64::from(number)))
    }

    /// A task whose last dependency is done.
    #[inline]
    pub(crate) fn ready(&self, node: NodeRef) {
        self.ready.borrow_mut().push(node);
    }

    /// The task to go on with: the last that was found ready.
    #[inline]
    pub(crate) fn next(&self) -> Option<NodeRef> {
        self.ready.borrow_mut().pop()
    }

    /// All others that were found ready, the one to take next last.
    #[inline]
    pub(crate) fn others(&self) -> std::cell::RefMut<'_, Vec<NodeRef>> {
        self.ready.borrow_mut()
    }

    /// A tied output is there.
    #[cold]
    pub(crate) fn holds_one_more(&self) {
        self.run.held.fetch_add(1, Relaxed);
    }

    /// A tied output is gone.
    #[cold]
    pub(crate) fn holds_one_less(&self) {
        self.run.held.fetch_sub(1, Relaxed);
        self.eased.set(true);
    }

    /// Whether a tied output is gone since this was asked last.
    #[inline]
    pub(crate) fn eased(&self) -> bool {
        self.eased.replace(false)
    }

    /// The worker does not go straight on with another task.
    pub(crate) fn pauses(&self) {
        self.ended.set(None);
    }

    /// How to clone the output of `node`, if one of its handles was cloned.
    #[inline]
    pub(crate) fn cloner(&self, node: NodeRef) -> Option<Cloner> {
        match &self.run.facts {
            Facts::Known(extras) => extras.cloner(node),
            Facts::Kept(extras) => extras.cloner(node),
            Facts::Growing(_) => self.run.growth()?.extras.cloner(node),
        }
    }

    /// Whether its run is one task after the other, and no handle of its graph was cloned.
    #[inline]
    pub(crate) fn copies(&self) -> bool {
        self.copies
    }

    /// Whether its run is one task after the other, with nobody looking.
    #[inline]
    pub(crate) fn in_sequence(&self) -> bool {
        self.sequence
    }

    /// Whether its run is built while it runs.
    #[inline]
    pub(crate) fn grows(&self) -> bool {
        self.run.grows()
    }

    /// A value's destructor panicked after its task was done: still that task's failure, at the very end of the order,
    /// because the timing of a release must not decide which of two errors is returned.
    pub(crate) fn fail_late(&self, node: NodeRef, failure: Failure) {
        let error = self.run.error(node, failure);
        let mut failures = self.run.failures.lock().unwrap_or_else(PoisonError::into_inner);
        failures.late.push((node, error));
    }

    /// How the task that runs is tried.
    #[inline]
    pub(crate) fn tries(&self) -> Tries<'_> {
        Tries(self)
    }

    /// What the task that runs has caught: its input has failed.
    pub(crate) fn take_caught(&self) -> Option<Error> {
        self.caught.take()
    }

    /// Does something that is no part of a task, which may have its value by now, where its place stood.
    pub(crate) fn outside_of_tasks<R>(&self, f: impl FnOnce() -> R) -> R {
        let task = self.task.take();
        let result = f();
        self.task.set(task);
        result
    }

    /// Drops a value that a task did not use; a panic in its destructor becomes the task's failure.
    pub(crate) fn drop_quietly<T>(&self, value: T) {
        if let Some(payload) = self.outside_of_tasks(|| drop_caught(value)) {
            let mut dropped = self.dropped.borrow_mut();
            let second = if dropped.is_some() { Some(payload) } else { dropped.replace(payload) };
            drop(dropped);
            drop_silently(second);
        }
    }
}
