//! Ready tasks of one run that stand in no deque: those whose turn comes later, and, where priorities are given, all of them.
//!
//! In: tasks that became ready, from workers of the run, or from others who were in their way ([`crate::run::limit`]). Out: the one of the highest priority,
//! of the lowest place among equals. Only runs in which options are given have one. A driver looks at it where it looks for roots; who puts a task
//! here from outside calls the driver, which says how when it begins. Not here: who waits for what.
//!
//! * `Q1` A task in the queue has not run, so its run is not over: who holds the queue may outlive the run, but then it is empty.

use crate::graph::node::NodeRef;
use crate::run::limit::Limit;
use crate::sync::atomic::Ordering::{Relaxed, Release};
use crate::sync::atomic::{AtomicBool, AtomicUsize};
use crate::sync::{Condvar, Mutex, MutexGuard, lock, wait, wait_for};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// See the module's text.
#[derive(Default)]
pub(crate) struct Queue {
    state: Mutex<State>,
    /// How many are in it: written under the lock (Release), read without, as a hint that whoever is called looks at (the caller's fence orders it, see
    /// [`crate::drivers::parking`]).
    len: AtomicUsize,
    /// Whether all ready tasks of the run come here. Set before the first task of a priority is known to the run (Relaxed).
    sorts: AtomicBool,
    /// Where tasks of the run may be waiting.
    limits: Mutex<Vec<&'static Limit>>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    heap: BinaryHeap<(i32, Reverse<u32>, NodeRef)>,
    /// How many tasks wait elsewhere, and will be put in.
    elsewhere: usize,
    caller: Option<Arc<dyn Fn() + Send + Sync>>,
}

impl Queue {
    /// Whether all ready tasks of the run are to be kept here, because some have priorities.
    pub(crate) fn sorts(&self) -> bool {
        self.sorts.load(Relaxed)
    }

    pub(crate) fn sort_from_now_on(&self) {
        self.sorts.store(true, Relaxed);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len.load(Relaxed) == 0
    }

    /// A ready task may have to wait elsewhere: until it [comes back](Queue::comes_back), or it [stays](Queue::stays).
    pub(crate) fn may_wait_in(&self, limit: &'static Limit) {
        lock(&self.state).elsewhere += 1;
        let mut limits = lock(&self.limits);
        if !limits.contains(&limit) {
            limits.push(limit);
        }
    }

    /// It need not wait.
    pub(crate) fn stays(&self) {
        lock(&self.state).elsewhere -= 1;
    }

    /// It has waited.
    pub(crate) fn comes_back(&self, node: NodeRef, priority: i32) {
        self.put([(node, priority)], 1);
    }

    /// Puts ready tasks in, and calls the driver.
    pub(crate) fn push_all(&self, tasks: impl IntoIterator<Item = (NodeRef, i32)>) {
        self.put(tasks, 0);
    }

    fn put(&self, tasks: impl IntoIterator<Item = (NodeRef, i32)>, from_elsewhere: usize) {
        let mut state = lock(&self.state);
        state.elsewhere -= from_elsewhere;
        let before = state.heap.len();
        let entries =
            tasks.into_iter().map(|(node, priority)| (priority, Reverse(node.place()), node));
        state.heap.extend(entries);
        if state.heap.len() == before {
            return;
        }
        self.len.store(state.heap.len(), Release);
        let caller = state.caller.clone();
        drop(state);
        self.changed.notify_all();
        if let Some(call) = caller {
            call();
        }
    }

    /// The next task.
    pub(crate) fn pop(&self) -> Option<NodeRef> {
        if self.is_empty() {
            return None;
        }
        self.take(&mut lock(&self.state))
    }

    fn take(&self, state: &mut MutexGuard<'_, State>) -> Option<NodeRef> {
        let (.., node) = state.heap.pop()?;
        self.len.store(state.heap.len(), Release);
        Some(node)
    }

    /// The next task, for the only thread of a run that has nothing else to do: waits for it, if one waits elsewhere.
    pub(crate) fn wait_for_one(&self) -> Option<NodeRef> {
        let mut state = lock(&self.state);
        loop {
            match self.take(&mut state) {
                None if state.elsewhere > 0 => state = wait(&self.changed, state),
                next => return next,
            }
        }
    }

    /// How the driver is called when a task is put in.
    pub(crate) fn call_by(&self, caller: Option<Arc<dyn Fn() + Send + Sync>>) {
        let before = std::mem::replace(&mut lock(&self.state).caller, caller);
        drop(before);
    }

    /// Waits for `pause`, or until `over` says that it is of no use any more.
    pub(crate) fn pause(&self, pause: Duration, over: impl Fn() -> bool) {
        let end = Instant::now() + pause;
        let mut state = lock(&self.state);
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() || over() {
                return;
            }
            state = wait_for(&self.changed, state, left);
        }
    }

    /// Gets back the tasks that wait elsewhere.
    pub(crate) fn send_back(self: &Arc<Self>) {
        let limits = lock(&self.limits).clone();
        limits.into_iter().for_each(|limit| limit.send_back(self));
    }

    /// What those who pause wait for may be over.
    pub(crate) fn look_again(&self) {
        // Under the lock, so that nobody is between looking and waiting.
        drop(lock(&self.state));
        self.changed.notify_all();
    }
}
