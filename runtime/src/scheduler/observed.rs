//! What observers are told of a run.
//!
//! In: the steps of tasks, as they are taken. Out: events, in the order in which each worker made them. Only runs that somebody observes come here.

use super::{Context, Facts, Run};
use crate::graph::links::Inputs;
use crate::graph::node::{HAS_VALUE, NodeRef, RELEASED};
use crate::observe::{Event, Observers, RunStarted, RunTask, TaskEvent, TaskStep, now};
use crate::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

/// Room for what observers are told of one task.
#[derive(Default)]
pub(super) struct Steps {
    inputs: Inputs,
    events: Vec<TaskEvent>,
}

impl Run<'_> {
    /// Tells `observers` of all that follows, beginning with the start; `graph` lists the tasks.
    pub(crate) fn observe(
        &mut self,
        observers: Observers,
        threads: usize,
        graph: &dyn Fn() -> Vec<RunTask>,
    ) {
        static RUNS: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
        // Relaxed: only that no two are alike matters.
        self.id = RUNS.fetch_add(1, Relaxed);
        let (run, tasks, roots) = (self.id, self.tasks, self.roots.len());
        let started =
            RunStarted { run, time: Duration::from_nanos(now()), tasks, roots, threads, graph };
        observers.tell(&Event::RunStarted(&started));
        self.observers = Some(observers);
        self.is_plain = false;
    }

    /// Who observes it, for what comes after it: the end.
    pub(crate) fn observed(&self) -> Option<(Observers, u64)> {
        Some((self.observers.clone()?, self.id))
    }

    /// As `execute`, and tells what happens.
    ///
    /// # Safety
    /// R1.
    #[cold]
    pub(super) unsafe fn execute_observed(&self, node: NodeRef, context: &Context<'_>) -> bool {
        let Some(observers) = &self.observers else { return false };
        let mut steps = context.steps.borrow_mut();
        let Steps { inputs, events } = &mut **steps.get_or_insert_default();
        node.visit(inputs);
        let skips = self.skips(node, context);
        if !skips && node.kind().role.is_task() {
            // One task's end is the next one's start: the clock is most of what an event costs. Not where another worker may
            // have ended something that the next one waits for.
            let alone = match &self.facts {
                Facts::Known(extras) => inputs.len() <= 1 && extras.after(node).is_empty(),
                Facts::Kept(extras) => inputs.len() <= 1 && extras.after(node).is_empty(),
                Facts::Growing(_) => false,
            };
            let time = context.ended.take().filter(|_| alone).unwrap_or_else(now);
            events.push(self.event(node, TaskStep::Started, time, context));
            observers.tell(&Event::Tasks(events));
            events.clear();
        }
        drop(steps);
        // SAFETY: R1.
        let step = unsafe { self.run_or_skip::<true>(node, skips, context) };
        let time = now();
        context.ended.set(Some(time));
        let mut steps = context.steps.borrow_mut();
        let Steps { inputs, events } = &mut **steps.get_or_insert_default();
        let mut event = |node: NodeRef, step| {
            if node.kind().role.is_task() {
                events.push(self.event(node, step, time, context));
            }
        };
        event(node, step);
        // The run is not over before this task is complete, so its inputs are still there.
        for (input, _) in inputs.iter() {
            let gone = input.readers() == 0 && input.has(HAS_VALUE);
            let first = |node: NodeRef| match self.growth() {
                Some(mut growth) => growth.tell_gone(node),
                None => node.set_first(RELEASED),
            };
            if gone && first(input) {
                event(input, TaskStep::Released);
            }
        }
        inputs.clear();
        if node.readers() == 0 && node.has(HAS_VALUE) {
            event(node, TaskStep::Released);
        }
        let before = context.ready.borrow().len();
        let is_output = self.complete(node, step, context);
        for &ready in &context.ready.borrow()[before..] {
            event(ready, TaskStep::Ready);
        }
        observers.tell(&Event::Tasks(events));
        events.clear();
        is_output
    }

    #[inline]
    fn event(&self, node: NodeRef, step: TaskStep, time: u64, context: &Context<'_>) -> TaskEvent {
        let (run, task, kind, worker) = (self.id, node.id(), node.kind(), context.worker);
        TaskEvent { run, task, kind, time, worker, step }
    }
}
