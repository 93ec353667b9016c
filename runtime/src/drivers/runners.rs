//! Threads that compute spawned runs: each is the caller of one run at a time, as a thread of the user's is that computes a graph.
//!
//! In: runs to begin, first come first served. Out: runs that have been computed. A pool starts its runners when they are first needed, at most
//! as many as it has threads, and more if tasks spawn runs, or runs have time limits; idle ones are parked, and end with the pool. Not here: the run itself ([`crate::run`]), which whoever
//! waits for it may have taken away before its turn came.

use super::in_a_task;
use crate::sync::{Condvar, Mutex, lock, wait};
use std::collections::VecDeque;
use std::sync::Arc;
use std::thread::JoinHandle;

/// A run that has not begun.
pub(crate) trait Spawned: Send + Sync {
    /// Computes it on the calling thread, if nobody has begun it.
    fn begin(&self);
    /// Whether nobody has begun it, and somebody may want it.
    fn waits(&self) -> bool;
    /// Whether it may hold its thread longer than somebody waits for it.
    fn is_timed(&self) -> bool;
}

/// The most runners of a pool, where tasks spawn runs that they may wait for, or tasks may take longer than they are waited for: more runs than threads, so more
/// runners too.
const RUNNERS_MAX: usize = 256;
/// How long the queue grows before runs are looked for in it that somebody has taken away.
const QUEUE_CHECKED: usize = 64;

/// See the module's text.
pub(super) struct Runners {
    shared: Arc<Shared>,
    max: usize,
}

struct Shared {
    state: Mutex<State>,
    fed: Condvar,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Arc<dyn Spawned>>,
    threads: Vec<JoinHandle<()>>,
    /// How many threads are parked, or woken and not yet back.
    parked: usize,
    ending: bool,
    /// At which length the queue is looked through.
    check_at: usize,
}

impl Runners {
    /// At most `max` of them, none yet.
    pub(super) fn new(max: usize) -> Runners {
        let shared = Shared { state: Mutex::new(State::default()), fed: Condvar::new() };
        Runners { shared: Arc::new(shared), max }
    }

    /// Begins `run` when a runner is free. If the system refuses the first thread, it is computed here and now.
    pub(super) fn submit(&self, run: Arc<dyn Spawned>) {
        let mut state = lock(&self.shared.state);
        state.queue.push_back(run.clone());
        if state.queue.len() >= state.check_at.max(QUEUE_CHECKED) {
            // Dropped when the lock is free: what a run holds is the user's.
            let waiting = state.queue.iter().filter(|run| run.waits()).cloned().collect();
            let queue = std::mem::replace(&mut state.queue, waiting);
            state.check_at = 2 * state.queue.len();
            drop(state);
            drop(queue);
            state = lock(&self.shared.state);
        }
        self.shared.fed.notify_one();
        let max = if in_a_task() || run.is_timed() { RUNNERS_MAX.max(self.max) } else { self.max };
        if state.queue.len() <= state.parked || state.threads.len() >= max {
            return;
        }
        let shared = self.shared.clone();
        let name = format!("taskweave-run-{}", state.threads.len() + 1);
        match std::thread::Builder::new().name(name).spawn(move || shared.work()) {
            Ok(thread) => state.threads.push(thread),
            Err(_) if state.threads.is_empty() => {
                state.queue.retain(|other| !Arc::ptr_eq(other, &run));
                drop(state);
                run.begin();
            }
            Err(_) => {}
        }
    }

    /// Ends the threads; nothing is in the queue any more.
    pub(super) fn end(&self) {
        let mut state = lock(&self.shared.state);
        state.ending = true;
        let threads = std::mem::take(&mut state.threads);
        drop(state);
        self.shared.fed.notify_all();
        for thread in threads {
            // The last handle of the pool may be dropped by what ran on one of them.
            if thread.thread().id() != std::thread::current().id() {
                let _ = thread.join();
            }
        }
    }
}

impl Shared {
    fn work(&self) {
        let mut state = lock(&self.state);
        loop {
            if let Some(run) = state.queue.pop_front() {
                drop(state);
                run.begin();
                drop(run);
                state = lock(&self.state);
            } else if state.ending {
                return;
            } else {
                state.parked += 1;
                state = wait(&self.fed, state);
                state.parked -= 1;
            }
        }
    }
}
