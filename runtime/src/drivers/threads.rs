//! The driver with threads: a pool that parks when idle, and the thread that computes, which works on its own run.
//!
//! In: runs. Each has one locked stack of ready tasks; a worker keeps the last ready successor for itself and shares the
//! others. Roots are claimed one by one, only by a worker that finds no ready task. The caller of `compute` works
//! only on its own run, so nested computing cannot wait for itself: whoever waits, waits for tasks that other
//! threads are running.
//!
//! ```text
//! pool:  runs [ A, B ] ── worker: takes from A until it has nothing, then B, then parks (pool.idle)
//! run A: stack of ready tasks, `waiting`, `inside` ── caller: takes from A until done, parks (run.changed)
//! ```
//!
//! * `T1` A thread uses a run only while it is counted in `inside`, or is its caller; the caller leaves when the run is done
//!   and `inside` is zero, and then nobody can enter: the run is no longer in the pool's list.
//! * `T2` No wake-up is lost. A worker counts itself as idle and looks at all runs while it holds the pool's lock, and gives
//!   that up only by parking; who shares a task does so before it reads the count. If the worker looked before the task
//!   was shared, it was counted before, so the sharer sees it, takes the pool's lock and wakes it. The caller looks
//!   and parks under the run's lock, under which tasks are shared.

use super::{Driver, Scheduler, Scope, env};
use crate::error::Error;
use crate::graph::node::NodeRef;
use crate::scheduler::Run;
use std::num::NonZeroUsize;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::thread::JoinHandle;

/// The most threads a pool has: beyond it, every machine we know of loses time to the threads themselves.
pub const THREADS_MAX: usize = 4096;

/// Runs graphs on a pool of threads, together with the thread that computes.
///
/// A handle: clones share the pool, which is joined when the last handle is dropped. At most `n` threads run the tasks of
/// one graph, the computing caller being one of them, so a pool of `n` has `n - 1` threads of its own. An idle pool uses no CPU.
///
/// # Examples
/// ```
/// use taskweave_runtime::{Graph, Threads};
/// let threads = Threads::new(2);
/// let graph = Graph::build(|graph| {
///     let parts: Vec<_> = (0..100_u64).map(|n| graph.value(n).map(|n| n * n)).collect();
///     graph.gather(parts).map(|parts: Vec<u64>| parts.iter().sum::<u64>())
/// });
/// assert_eq!(graph.compute_on(&threads)?, 328_350);
/// # Ok::<(), taskweave_runtime::Error>(())
/// ```
#[derive(Clone)]
pub struct Threads {
    /// An error if the environment's number of threads means nothing.
    pool: Result<Arc<Pool>, Error>,
}

impl Threads {
    /// A pool of its own, for `threads` threads including the one that computes; 0 means one for each core.
    /// More than 4,096 are cut to that. If the system refuses a thread, the pool works with fewer.
    pub fn new(threads: usize) -> Self {
        let threads = match threads {
            0 => std::thread::available_parallelism().map_or(1, NonZeroUsize::get),
            n => n.min(THREADS_MAX),
        };
        Threads { pool: Ok(Arc::new(Pool::start(threads))) }
    }

    /// How many threads can run the tasks of one graph, the computing caller included.
    ///
    /// # Errors
    /// If this is the default pool and `TASKWEAVE_THREADS` means nothing.
    pub fn threads(&self) -> Result<usize, Error> {
        self.pool().map(|pool| pool.threads.len() + 1)
    }

    pub(super) fn pool(&self) -> Result<&Arc<Pool>, Error> {
        self.pool.as_ref().map_err(Error::clone)
    }
}

impl Default for Threads {
    /// The one process-wide pool: `TASKWEAVE_THREADS` threads, else one for each core; started when first used.
    fn default() -> Self {
        static POOL: OnceLock<Arc<Pool>> = OnceLock::new();
        let pool = match POOL.get() {
            Some(pool) => Ok(pool.clone()),
            None => env::threads()
                .map(|threads| POOL.get_or_init(|| Arc::new(Pool::start(threads))).clone()),
        };
        Threads { pool }
    }
}

impl std::fmt::Debug for Threads {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Threads").field("threads", &self.threads().ok()).finish()
    }
}

impl Scheduler for Threads {
    fn driver(&self) -> Result<Driver, Error> {
        self.pool().map(|_| Driver::threads(self.clone()))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The threads of one pool, and what they share.
pub(super) struct Pool {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

struct Shared {
    state: Mutex<State>,
    /// Signalled when a run has work for an idle worker, or the pool ends.
    work: Condvar,
    /// Workers that look for work under the lock, or are parked (T2).
    idle: AtomicUsize,
}

struct State {
    runs: Vec<Arc<Shelf>>,
    ending: bool,
}

/// One run as the pool sees it.
struct Shelf {
    /// The run, its lifetimes erased (T1).
    run: RunRef,
    pool: Weak<Pool>,
    shared: Arc<Shared>,
    stack: Mutex<Stack>,
    /// Signalled when the parked caller has a task, or the run is over.
    changed: Condvar,
}

struct Stack {
    ready: Vec<NodeRef>,
    /// Whether the caller is parked.
    waiting: bool,
    /// Workers that may touch the run (T1).
    inside: usize,
}

struct RunRef(*const Run<'static>);
// SAFETY: a `Run` is made of atomics, locks and node addresses, which any thread may use; T1 keeps it alive.
unsafe impl Send for RunRef {}
// SAFETY: as for `Send`.
unsafe impl Sync for RunRef {}

impl Pool {
    fn start(threads: usize) -> Pool {
        let shared = Arc::new(Shared {
            state: Mutex::new(State { runs: Vec::new(), ending: false }),
            work: Condvar::new(),
            idle: AtomicUsize::new(0),
        });
        let spawn = |at: usize| {
            let shared = shared.clone();
            std::thread::Builder::new()
                .name(format!("taskweave-{at}"))
                .spawn(move || shared.work())
                .ok()
        };
        let threads = (1..threads).map_while(spawn).collect();
        Pool { shared, threads }
    }

    /// Runs all of `run`, the calling thread taking part.
    pub(super) fn drive(pool: &Arc<Pool>, run: &Run<'_>) {
        if pool.threads.is_empty() {
            return super::in_thread::drive(run);
        }
        let shelf = Arc::new(Shelf {
            run: RunRef(std::ptr::from_ref(run).cast()),
            pool: Arc::downgrade(pool),
            shared: pool.shared.clone(),
            stack: Mutex::new(Stack { ready: Vec::new(), waiting: false, inside: 0 }),
            changed: Condvar::new(),
        });
        lock(&pool.shared.state).runs.push(shelf.clone());
        pool.shared.wake(run.roots().saturating_sub(1));
        shelf.work_as_caller(run);
        lock(&pool.shared.state).runs.retain(|other| !Arc::ptr_eq(other, &shelf));
        // T1: nobody enters any more; wait for those inside.
        let mut stack = lock(&shelf.stack);
        while stack.inside > 0 {
            stack.waiting = true;
            stack = shelf.changed.wait(stack).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        lock(&self.shared.state).ending = true;
        self.shared.work.notify_all();
        for thread in self.threads.drain(..) {
            // The last handle may be dropped by a task on one of the pool's own threads.
            if thread.thread().id() != std::thread::current().id() {
                let _ = thread.join();
            }
        }
    }
}

impl Shared {
    /// What a thread of the pool does.
    fn work(&self) {
        let mut state = lock(&self.state);
        while !state.ending {
            // Before looking (T2). SeqCst: pairs with the load in `wake`; the locks order the rest.
            self.idle.fetch_add(1, SeqCst);
            let found = state.runs.iter().position(Shelf::has_work);
            let entered = found.and_then(|at| {
                // The next search begins behind it, so that several runs get their turn.
                state.runs.rotate_left(at);
                let shelf = state.runs[0].clone();
                state.runs.rotate_left(1);
                shelf.enter().map(|node| (shelf, node))
            });
            if let Some((shelf, node)) = entered {
                self.idle.fetch_sub(1, SeqCst);
                drop(state);
                shelf.work_inside(node);
                state = lock(&self.state);
            } else {
                if found.is_none() {
                    state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
                }
                self.idle.fetch_sub(1, SeqCst);
            }
        }
    }

    /// Wakes up to `tasks` idle workers, after that many tasks were shared.
    fn wake(&self, tasks: usize) {
        // SeqCst: see `work`.
        let sleepers = self.idle.load(SeqCst).min(tasks);
        if sleepers > 0 {
            let _state = lock(&self.state);
            for _ in 0..sleepers {
                self.work.notify_one();
            }
        }
    }
}

impl Shelf {
    fn run(&self) -> &Run<'static> {
        // SAFETY: T1.
        unsafe { &*self.run.0 }
    }

    /// Whether a worker that enters would find a task. Called under the pool's lock (T1).
    fn has_work(self: &Arc<Self>) -> bool {
        let stack = lock(&self.stack);
        !stack.ready.is_empty() || self.run().has_roots()
    }

    /// Takes a task and counts the worker in; under the pool's lock, while the run is in the list (T1).
    fn enter(&self) -> Option<NodeRef> {
        let mut stack = lock(&self.stack);
        let node = stack.ready.pop().or_else(|| self.run().claim_root())?;
        stack.inside += 1;
        Some(node)
    }

    /// A worker's share of the run, from its first task until it finds none.
    fn work_inside(&self, first: NodeRef) {
        if let Some(pool) = self.pool.upgrade() {
            // Computing inside a task uses the same pool.
            let _scope = Scope::enter(Driver::threads(Threads { pool: Ok(pool) }));
            let mut next = Some(first);
            while let Some(node) = next {
                self.chain(node);
                let mut stack = lock(&self.stack);
                next = stack.ready.pop().or_else(|| self.run().claim_root());
            }
        }
        let mut stack = lock(&self.stack);
        stack.inside -= 1;
        if stack.waiting {
            self.changed.notify_one();
        }
    }

    /// The caller's share: until the run is done.
    fn work_as_caller(&self, run: &Run<'_>) {
        loop {
            let mut stack = lock(&self.stack);
            let node = loop {
                if let Some(node) = stack.ready.pop().or_else(|| run.claim_root()) {
                    break node;
                }
                if run.is_done() {
                    return;
                }
                stack.waiting = true;
                stack = self.changed.wait(stack).unwrap_or_else(PoisonError::into_inner);
                stack.waiting = false;
            };
            drop(stack);
            self.chain(node);
        }
    }

    /// Runs a task, then the last of those it made ready, and so on; the others are shared.
    fn chain(&self, first: NodeRef) {
        let run = self.run();
        let mut ready = vec![first];
        while let Some(node) = ready.pop() {
            self.share(&mut ready);
            // SAFETY: R1: taken from the stack, claimed, or found ready by `execute`.
            unsafe { run.execute(node, &mut ready) };
        }
        if run.is_done() {
            // The lock: the caller has either not looked yet, or is parked.
            let stack = lock(&self.stack);
            if stack.waiting {
                self.changed.notify_one();
            }
        }
    }

    fn share(&self, ready: &mut Vec<NodeRef>) {
        if ready.is_empty() {
            return;
        }
        let mut tasks = ready.len();
        let mut stack = lock(&self.stack);
        stack.ready.append(ready);
        if stack.waiting {
            self.changed.notify_one();
            tasks -= 1;
        }
        drop(stack);
        self.shared.wake(tasks);
    }
}
