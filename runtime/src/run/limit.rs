//! How many tasks of a group may run at once, in the whole process.
//!
//! In: ready tasks that belong to a group. Out: those that may begin; the others wait here, and are put on their runs' queues when one that ran has ended.
//!
//! ```text
//! ready --enter--> running --leave--> the place is the next one's that waits: it goes to its run's queue, and enters
//!              \-> waiting --its run stops--> to its run's queue, to be skipped
//! ```
//! * `K1` While somebody waits, all places are taken: a task that is called has its place already, and enters or [forgoes](Limit::forgo) it.
//!
//! Not here: who asks ([`crate::scheduler`]).

use crate::graph::node::NodeRef;
use crate::scheduler::queue::Queue;
use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// At most so many tasks at once: for what a disk, a server, a licence or the memory can bear.
///
/// `#[delayed(max_running = 4)]` makes one for all tasks of a function. Where several functions share one, or single calls, or the number is known only when the
/// program runs, put it in a `static`, and give it to tasks with [`within`](crate::TaskOptions::within). It counts in the whole process: tasks of all runs, on all
/// schedulers. Tasks that wait for their turn keep no thread waiting, and come in the order of their priorities, then first come first served. A graph that a
/// counted task computes may hold tasks of the same limit: they run on the place that it has.
///
/// # Examples
/// ```
/// # use taskweave_runtime as taskweave;
/// use taskweave::{Graph, Limit, TaskOptions};
/// static LICENCES: Limit = Limit::new(1);
/// LICENCES.set(2);
/// let graph = Graph::build(|graph| {
///     let all: Vec<_> = (0..10)
///         .map(|n: usize| graph.value(n).map(|n| LICENCES.running().max(n)))
///         .map(|task| task.with(TaskOptions::new().within(&LICENCES)))
///         .collect();
///     graph.gather(all)
/// });
/// assert_eq!(graph.compute()?.len(), 10);
/// assert_eq!(LICENCES.running(), 0);
/// # Ok::<(), taskweave::Error>(())
/// ```
#[derive(Debug)]
pub struct Limit(Mutex<State>);

#[derive(Debug)]
struct State {
    max: usize,
    running: usize,
    waiting: BinaryHeap<Waiting>,
    /// Who has been given a place and has not entered; few at a time.
    called: BTreeSet<NodeRef>,
    /// How many have begun to wait.
    come: u64,
}

/// A ready task whose turn has not come.
struct Waiting {
    /// Higher priorities first, then who came first.
    order: (i32, Reverse<u64>),
    node: NodeRef,
    queue: Arc<Queue>,
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.order == other.order
    }
}
impl Eq for Waiting {}
impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.order.cmp(&other.order)
    }
}
impl std::fmt::Debug for Waiting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Waiting").field(&self.order).finish()
    }
}

impl PartialEq for Limit {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}
impl Eq for Limit {}

impl Limit {
    /// At most `max` tasks at once.
    ///
    /// # Panics
    /// If `max` is zero; in a `static`, and so in `#[delayed(max_running = 0)]`, that is a compile error.
    pub const fn new(max: usize) -> Limit {
        assert!(max > 0, "at least one task must be able to run");
        let state =
            State { max, running: 0, waiting: BinaryHeap::new(), called: BTreeSet::new(), come: 0 };
        Limit(Mutex::new(state))
    }

    /// Changes how many may run at once, from now on; a task that runs is not stopped. At least one always may.
    pub fn set(&self, max: usize) {
        self.lock().max = max.max(1);
        self.call();
    }

    /// How many may run at once.
    pub fn max(&self) -> usize {
        self.lock().max
    }

    /// How many run now.
    pub fn running(&self) -> usize {
        self.lock().running
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a ready task may begin; if not, it waits, and comes back on `queue`, with a place (`K1`).
    pub(crate) fn enter(&self, node: NodeRef, priority: i32, queue: &Arc<Queue>) -> bool {
        let mut state = self.lock();
        if state.called.remove(&node) {
            return true;
        }
        if state.running < state.max {
            state.running += 1;
            return true;
        }
        state.come += 1;
        let order = (priority, Reverse(state.come));
        state.waiting.push(Waiting { order, node, queue: queue.clone() });
        false
    }

    /// A task that had entered has ended.
    pub(crate) fn leave(&self) {
        self.lock().running -= 1;
        self.call();
    }

    /// A task is skipped: a place that it was called to is free.
    pub(crate) fn forgo(&self, node: NodeRef) {
        let mut state = self.lock();
        if state.called.remove(&node) {
            state.running -= 1;
            drop(state);
            self.call();
        }
    }

    /// A task that waits no longer wants to; whether it was still waiting.
    pub(crate) fn give_up(&self, node: NodeRef) -> bool {
        let mut state = self.lock();
        let before = state.waiting.len();
        state.waiting.retain(|waiting| waiting.node != node);
        state.waiting.len() < before
    }

    /// Gives free places to those who wait (`K1`).
    fn call(&self) {
        loop {
            let mut state = self.lock();
            if state.running >= state.max {
                return;
            }
            let Some(next) = state.waiting.pop() else { return };
            state.running += 1;
            state.called.insert(next.node);
            drop(state);
            next.queue.comes_back(next.node, next.order.0);
        }
    }

    /// Sends all tasks of one run back to it: they will be skipped.
    pub(crate) fn send_back(&self, queue: &Arc<Queue>) {
        let mut state = self.lock();
        let (mut back, mut stay) = (Vec::new(), BinaryHeap::new());
        for waiting in std::mem::take(&mut state.waiting) {
            if Arc::ptr_eq(&waiting.queue, queue) {
                back.push(waiting.node);
            } else {
                stay.push(waiting);
            }
        }
        state.waiting = stay;
        drop(state);
        back.into_iter().for_each(|node| queue.comes_back(node, i32::MAX));
    }
}
