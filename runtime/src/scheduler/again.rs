//! Runs that begin again: a plan's.
//!
//! In: a prepared run, and its tasks with the counts they begin with. Out: the same run, set back; or all tasks one after the other, without
//! counting, where that is quicker. Not here: which way is taken ([`crate::graph::plan`]).

use super::failures::{AbortOnUnwind, drop_silently};
use super::{Context, Facts, Run};
use crate::error::Error;
use crate::graph::extras::Extras;
use crate::graph::node::{Failure, NodeRef};
use crate::graph::plan::Counts;
use crate::observe::{Observers, RunTask};
use crate::order;
use crate::run::seed;
use crate::sync::atomic::Ordering::Relaxed;
use std::collections::HashSet;
use std::sync::PoisonError;

impl Run<'_> {
    /// The same run, which can begin again; it wants its facts back ([`Run::keep`]).
    pub(crate) fn kept(self) -> Box<Run<'static>> {
        let run = Run::new(Facts::Kept(Extras::default()), self.output);
        let Run { _links, joins, tasks, roots, tied, failures_max, queue, is_plain, .. } = self;
        Box::new(Run { _links, joins, tasks, roots, tied, failures_max, queue, is_plain, ..run })
    }

    /// Gives a run that can begin again its facts.
    pub(crate) fn keep(&mut self, extras: Extras) {
        self.facts = Facts::Kept(extras);
    }

    /// Sets itself back to the beginning, when nothing runs.
    pub(crate) fn begin_again(&mut self) {
        for join in &self.joins {
            join.set_back();
        }
        self.observers = None;
        self.is_plain = self.queue.is_none();
        self.spans = None;
        self.next_root.store(0, Relaxed);
        self.held.store(0, Relaxed);
        self.stop_place.store(u32::MAX, Relaxed);
        self.done.store(false, Relaxed);
    }

    /// Runs `tasks`, all of them, one after the other. Each comes after those it reads, and who takes a value after who borrows it; nobody
    /// observes; the counts of outputs that own something, if any of them `owns` something, are set back.
    ///
    /// # Errors
    /// What failed with the lowest place, which stands in `counts`.
    pub(crate) fn in_sequence(
        &mut self,
        tasks: &[NodeRef],
        counts: &[Counts],
        owns: bool,
    ) -> Result<(), Error> {
        self.sequence = true;
        let context = Context { counts, ..self.context(0) };
        // SAFETY: it is dropped before the context.
        let at_work = unsafe { seed::at_work(Some(&context)) };
        let mut outcome = Ok(());
        let unwinding = AbortOnUnwind("a panic outside of any task");
        for (at, &task) in tasks.iter().enumerate() {
            context.begins(task, at);
            // SAFETY: R1, N3: on one thread, once each, after those it reads.
            if let Err(failure) = unsafe { task.run_again(&context) } {
                outcome = Err(self.after_failure(tasks, counts, at, failure, &context));
                break;
            }
            if owns && task.counts_readers() && task.readers() == 0 {
                task.drop_value(&context);
            }
        }
        std::mem::forget(unwinding);
        drop(at_work);
        drop(context);
        self.sequence = false;
        outcome
    }

    /// Task `failed` has failed: those of lower places that don't need it still run. The failure with the lowest place.
    #[cold]
    fn after_failure(
        &self,
        tasks: &[NodeRef],
        counts: &[Counts],
        failed: usize,
        failure: Failure,
        context: &Context<'_>,
    ) -> Error {
        let error = |at: usize, failure| self.error(tasks[at], failure);
        let mut lowest = (counts[failed].place, error(failed, failure));
        let mut gone: HashSet<NodeRef> = HashSet::from([tasks[failed]]);
        let mut dependencies = order::Dependencies::default();
        let none = Extras::default();
        let extras = if let Facts::Kept(extras) = &self.facts { extras } else { &none };
        for (at, &task) in tasks.iter().enumerate().skip(failed + 1) {
            let mut skipped = counts[at].place > lowest.0;
            dependencies.of(task, extras, |input, _| skipped |= gone.contains(&input));
            if skipped {
                gone.insert(task);
                continue;
            }
            context.begins(task, at);
            // SAFETY: as in `in_sequence`; all it reads is there.
            if let Err(failure) = unsafe { task.run_again(context) } {
                gone.insert(task);
                let next = (counts[at].place, error(at, failure));
                drop_silently(std::mem::replace(&mut lowest, next));
            }
        }
        lowest.1
    }

    /// As [`Run::observe`], of a run that has its facts itself.
    pub(crate) fn observe_again(
        &mut self,
        observers: Observers,
        threads: usize,
        graph: &dyn Fn(&Extras) -> Vec<RunTask>,
    ) {
        let facts = std::mem::replace(&mut self.facts, Facts::Kept(Extras::default()));
        if let Facts::Kept(extras) = &facts {
            self.observe(observers, threads, &|| graph(extras));
        }
        self.facts = facts;
    }

    /// The failure with the lowest place, when the run is done; else of those of values that were dropped late the one whose
    /// task `first_of` finds first.
    pub(crate) fn take_failure(
        &mut self,
        first_of: impl FnOnce(&mut Vec<(NodeRef, Error)>) -> Option<Error>,
    ) -> Option<Error> {
        let failures = self.failures.get_mut().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(failures).into_first(first_of)
    }
}
