//! How many tasks of a group may run at once, in the whole process.
//!
//! In: ready tasks that belong to a group. Out: those that may begin; the others wait here, and are put on their runs' queues when one that ran has ended.
//!
//! ```text
//! ready --enter--> running --leave--> of each run that waits one task is called: it goes to its run's queue, and enters, or waits again
//!              \-> waiting --its run stops--> to its run's queue, to be skipped
//! ```
//! * `K1` Of each run of which tasks wait, as many are called as there are free places: they enter, wait again, or [forgo](Limit::forgo) it. A place is taken by who runs, never kept for
//!   somebody whose run may be at something else, which may wait for the same limit in turn.
//!
//! Not here: who asks ([`crate::scheduler`]).

use crate::graph::node::NodeRef;
use crate::scheduler::queue::Queue;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// At most so many tasks at once: for what a disk, a server, a licence or the memory can bear.
///
/// `#[delayed(max_running = 4)]` makes one for all tasks of a function. Where several functions share one, or single calls, or the number is known only when the
/// program runs, put it in a `static`, and give it to tasks with [`within`](crate::TaskOptions::within). It counts in the whole process: tasks of all runs, on all
/// schedulers. Tasks that wait for their turn keep no thread waiting; of one run they come in the order of their priorities, then first come first served. A graph that a
/// counted task computes, or spawns, may hold tasks of the same limit: they are not counted, for they would wait for the task that waits for them. What the library cannot
/// know, and what therefore can wait for itself: tasks of two limits that compute graphs with tasks of the other; a counted task that waits for rayon's jobs, which compute graphs
/// with the same limit, or for a run that somebody else has spawned.
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
    /// The runs of which tasks wait, or are called: few, for each has a thread that computes it.
    runs: Vec<Waiting>,
    /// How many have begun to wait.
    come: u64,
}

/// The tasks of one run whose turn has not come.
struct Waiting {
    queue: Arc<Queue>,
    /// Higher priorities first, then who came first.
    tasks: BinaryHeap<(i32, Reverse<u64>, NodeRef)>,
    /// Who has been put on the run's queue and is not back.
    /// With their numbers, should they have to wait again.
    called: BTreeMap<NodeRef, u64>,
}

impl std::fmt::Debug for Waiting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (tasks, called) = (self.tasks.len(), self.called.len());
        f.debug_struct("Waiting").field("tasks", &tasks).field("called", &called).finish()
    }
}

impl State {
    fn of(&mut self, queue: &Arc<Queue>) -> Option<&mut Waiting> {
        self.runs.iter_mut().find(|run| Arc::ptr_eq(&run.queue, queue))
    }

    /// Whom to call, so that `K1` holds.
    fn next(&mut self) -> Vec<(Arc<Queue>, NodeRef, i32)> {
        let free = self.max.saturating_sub(self.running);
        let mut next = Vec::new();
        for run in &mut self.runs {
            while run.called.len() < free
                && let Some((priority, Reverse(come), node)) = run.tasks.pop()
            {
                run.called.insert(node, come);
                next.push((run.queue.clone(), node, priority));
            }
        }
        self.runs.retain(|run| !run.tasks.is_empty() || !run.called.is_empty());
        next
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
    #[track_caller]
    pub const fn new(max: usize) -> Limit {
        // Not `assert!`, as in `some_time`.
        let some = if max == 0 { None } else { Some(()) };
        some.expect("a limit of zero, as `max_running = 0`, would let no task run: say how many may run at once, one or more");
        let state = State { max, running: 0, runs: Vec::new(), come: 0 };
        Limit(Mutex::new(state))
    }

    /// Changes how many may run at once, from now on; a task that runs is not stopped. At least one always may.
    pub fn set(&self, max: usize) {
        let mut state = self.lock();
        state.max = max.max(1);
        self.call(state);
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

    /// Whether a ready task may begin; if not, it waits, and comes back on `queue`.
    pub(crate) fn enter(&self, node: NodeRef, priority: i32, queue: &Arc<Queue>) -> bool {
        let mut state = self.lock();
        let free = state.max.saturating_sub(state.running);
        let (came, called) = match state.of(queue) {
            Some(run) => (run.called.remove(&node), run.called.len()),
            None => (None, 0),
        };
        // Who was called comes before who was not, of the same run.
        if free > 0 && (came.is_some() || called < free) {
            state.running += 1;
            self.call(state);
            return true;
        }
        state.come += 1;
        let task = (priority, Reverse(came.unwrap_or(state.come)), node);
        match state.of(queue) {
            Some(run) => run.tasks.push(task),
            None => state.runs.push(Waiting {
                queue: queue.clone(),
                tasks: BinaryHeap::from([task]),
                called: BTreeMap::new(),
            }),
        }
        false
    }

    /// A task that had entered has ended.
    pub(crate) fn leave(&self) {
        let mut state = self.lock();
        state.running -= 1;
        self.call(state);
    }

    /// A task is skipped, and will not enter.
    pub(crate) fn forgo(&self, node: NodeRef, queue: &Arc<Queue>) {
        let mut state = self.lock();
        if let Some(run) = state.of(queue) {
            run.called.remove(&node);
            self.call(state);
        }
    }

    /// A task that waits no longer wants to; whether it was still waiting.
    pub(crate) fn give_up(&self, node: NodeRef, queue: &Arc<Queue>) -> bool {
        let mut state = self.lock();
        let Some(run) = state.of(queue) else { return false };
        let before = run.tasks.len();
        run.tasks.retain(|(.., waiting)| *waiting != node);
        let gave_up = run.tasks.len() < before;
        self.call(state);
        gave_up
    }

    /// Calls those for whom there is a place (`K1`).
    fn call(&self, mut state: MutexGuard<'_, State>) {
        if state.runs.is_empty() {
            return;
        }
        let next = state.next();
        drop(state);
        next.into_iter().for_each(|(queue, node, priority)| queue.comes_back(node, priority));
    }

    /// Sends all tasks of one run back to it: they will be skipped.
    pub(crate) fn send_back(&self, queue: &Arc<Queue>) {
        let mut state = self.lock();
        let back = state.of(queue).map(|run| std::mem::take(&mut run.tasks)).unwrap_or_default();
        self.call(state);
        back.into_iter().for_each(|(.., node)| queue.comes_back(node, i32::MAX));
    }
}

#[cfg(all(test, not(any(loom, shuttle))))]
mod tests {
    use super::*;
    use crate::Graph;

    #[test]
    fn of_one_run_who_waits_first_comes_first_and_higher_priorities_before() {
        let graph = Graph::build(|graph| {
            let all: Vec<_> = (0..6).map(|n| graph.value(n).map(|n: i32| n)).collect();
            graph.gather(all)
        });
        let nodes: Vec<NodeRef> = graph.ordered().unwrap_or_default();
        let [a, b, c, d, e] = [nodes[1], nodes[3], nodes[5], nodes[7], nodes[9]];
        let (limit, queue, other) = (Limit::new(1), Arc::<Queue>::default(), Arc::default());
        let called = || queue.pop();
        assert!(limit.enter(a, 0, &queue));
        // Each announces itself, as a worker does.
        for (node, priority) in [(b, 0), (c, 0), (d, 1)] {
            queue.may_wait_in(&NAMED);
            assert!(!limit.enter(node, priority, &queue));
        }
        limit.leave();
        assert_eq!(called(), Some(d));
        // Not before one that was called; of another run it may.
        queue.may_wait_in(&NAMED);
        assert!(!limit.enter(e, 9, &queue));
        assert!(limit.enter(nodes[11], 0, &other));
        queue.may_wait_in(&NAMED);
        assert!(!limit.enter(d, 1, &queue));
        limit.leave();
        assert_eq!(called(), Some(e));
        assert!(limit.enter(e, 9, &queue));
        limit.leave();
        // It waits where it stood.
        assert_eq!(called(), Some(d));
        limit.forgo(d, &queue);
        assert_eq!(called(), Some(b));
        assert!(limit.enter(b, 0, &queue));
        limit.leave();
        assert_eq!(called(), Some(c));
        assert!(limit.enter(c, 0, &queue));
        limit.leave();
        assert_eq!((called(), limit.running(), limit.lock().runs.len()), (None, 0, 0));
    }

    /// Only its name is used.
    static NAMED: Limit = Limit::new(1);
}
