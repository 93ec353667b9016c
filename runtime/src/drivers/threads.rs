//! The driver with threads: a pool that parks when idle, and the thread that computes, which works on its own run.
//!
//! In: runs. Each becomes a *job* with a deque for every worker and one for the caller. A worker goes on with the ready task of
//! the lowest place and puts the others on its deque, where those without work steal them; it claims roots, in their order,
//! only when its deque is empty, for that is what bounds the memory a run holds. The caller works only on its own run,
//! so nested computing cannot wait for itself: whoever waits, waits for tasks that other threads are running.
//!
//! ```text
//! worker:  own deque -> claimed roots -> claim roots -> steal -> (a while) -> leave the job -> another job, or park
//! caller:  the same in its own job, until the output is done; parks meanwhile if there is nothing to do
//! ```
//! Who wakes whom, and why no wake-up is lost: [`super::parking`].
//!
//! * `T1` A thread uses a run only while it is counted in `inside`, or is its caller; the caller leaves when the run is done
//!   and `inside` is zero, and then nobody can enter: the job is no longer in the pool's list, and who enters counts
//!   himself in while it is, under the list's lock.
//! * `T2` A slot's deque belongs to the thread that took it out of the slot: a worker's number is its own, and the last slot is
//!   the caller's.

use super::parking::{Hunger, Searching, Waiter};
use super::runners::{Runners, Spawned};
use super::{Driver, Scheduler, Scope, Work, env, nesting};
use crate::error::Error;
use crate::graph::node::NodeRef;
use crate::observe::{Observed, Observer, Observers, observing};
use crate::run::control::{self, Control};
use crate::run::seed;
use crate::scheduler::{Context, Run};
use crate::sync::atomic::AtomicUsize;
use crate::sync::atomic::Ordering::{Relaxed, SeqCst};
use crate::sync::{Mutex, lock};
use crossbeam_deque::{Steal, Stealer, Worker};
use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::{Arc, OnceLock, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// The most threads a pool has: beyond it, every machine we know of loses time to the threads themselves.
pub const THREADS_MAX: usize = 4096;

/// Runs graphs on a pool of threads, together with the thread that computes.
///
/// A handle: clones share the pool, which is joined when the last handle is dropped. At most `n` threads run the tasks of
/// one graph, the computing caller being one of them, so a pool of `n` has `n - 1` threads of its own. An idle pool uses no CPU.
///
/// # Examples
/// ```
/// # use taskweave_runtime as taskweave;
/// use taskweave::{Graph, Threads};
/// let threads = Threads::new(2);
/// let graph = Graph::build(|graph| {
///     let parts: Vec<_> = (0..100_u64).map(|n| graph.value(n).map(|n| n * n)).collect();
///     graph.gather(parts).map(|parts: Vec<u64>| parts.iter().sum::<u64>())
/// });
/// assert_eq!(graph.compute_on(&threads)?, 328_350);
/// # Ok::<(), taskweave::Error>(())
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

    /// The same pool, whose runs `observer` sees when they are computed on what is returned.
    ///
    /// # Examples
    /// ```
    /// use std::sync::Arc;
    /// # use taskweave_runtime as taskweave;
    /// use taskweave::{Graph, Recorder, Threads};
    /// let recorder = Arc::new(Recorder::new());
    /// let graph = Graph::build(|graph| graph.value(1).map(|n: i32| n + 1));
    /// graph.compute_on(&Threads::default().observe(recorder.clone()))?;
    /// assert_eq!(recorder.runs().len(), 1);
    /// # Ok::<(), taskweave::Error>(())
    /// ```
    pub fn observe(self, observer: impl Observer + 'static) -> Observed<Self> {
        Observed::new(self, observer)
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

/// The threads of one pool, and what they share.
pub(super) struct Pool {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
    runners: Runners,
}

struct Shared {
    jobs: Mutex<Jobs>,
    hunger: Hunger,
    /// How many jobs there are: with more than one, workers take turns.
    running: AtomicUsize,
}

struct Jobs {
    list: Vec<Arc<Job>>,
    /// Deques of ended jobs, empty, for the next.
    spare: Vec<Box<[Slot]>>,
    ending: bool,
}

/// One run as the pool sees it.
struct Job {
    /// The run, its lifetimes erased (T1).
    run: RunRef,
    pool: Weak<Pool>,
    /// Who observes what its tasks compute, and what can cancel it.
    observers: Observers,
    control: Option<Arc<Control>>,
    /// One for each worker, and the caller's.
    slots: Box<[Slot]>,
    /// Workers that may touch the run (T1).
    inside: AtomicUsize,
    /// Threads that run its tasks or look for some: while there is one, others may hold back. Counted down before the thread looks
    /// for the last time (SeqCst, as all that P1 orders), so that the last one sees that it is.
    busy: AtomicUsize,
    caller: Waiter,
    /// How many runs are computed inside each other, this one included.
    depth: usize,
}

/// A deque's two ends.
struct Slot {
    own: Mutex<Option<Worker<NodeRef>>>,
    stealer: Stealer<NodeRef>,
}

impl Slot {
    fn new() -> Slot {
        let own = Worker::new_lifo();
        Slot { stealer: own.stealer(), own: Mutex::new(Some(own)) }
    }
}

struct RunRef(*const Run<'static>);
// SAFETY: a `Run` is made of atomics, locks and node addresses, which any thread may use; T1 keeps it alive.
unsafe impl Send for RunRef {}
// SAFETY: as for `Send`.
unsafe impl Sync for RunRef {}

/// The most roots a worker claims at once.
const ROOTS_MAX: usize = 64;
/// How many outputs for each thread may wait for a reader that waits for something else, before threads rather wait than make
/// more: a fold would otherwise load all it folds at once.
const HELD_MAX: usize = 4;
/// How often a worker without work looks for some before it leaves: a few microseconds.
const LOOKS: u32 = 100;
/// How many sets of deques an idle pool keeps.
const SPARE_MAX: usize = 8;
/// How long a worker stays with one job while others wait.
const TURN: Duration = Duration::from_millis(1);

impl Pool {
    fn start(threads: usize) -> Pool {
        let shared = Arc::new(Shared {
            jobs: Mutex::new(Jobs { list: Vec::new(), spare: Vec::new(), ending: false }),
            hunger: Hunger::new(),
            running: AtomicUsize::new(0),
        });
        let spawn = |number: usize| {
            let shared = shared.clone();
            std::thread::Builder::new()
                .name(format!("taskweave-{}", number + 1))
                .spawn(move || shared.work(number))
                .ok()
        };
        let runners = Runners::new(threads);
        let threads = (0..threads - 1).map_while(spawn).collect();
        Pool { shared, threads, runners }
    }

    /// Has a run computed by a thread that waits for it, and for others after it.
    pub(super) fn submit(&self, run: Arc<dyn Spawned>) {
        self.runners.submit(run);
    }

    /// Runs all of `run`, the calling thread taking part as `what` says, which must leave nothing to do.
    pub(super) fn drive(
        pool: &Arc<Pool>,
        run: &Run<'_>,
        observers: Observers,
        what: &mut dyn FnMut(&mut dyn Work),
    ) {
        if pool.threads.is_empty() {
            return super::in_thread::drive(run, what);
        }
        let shared = &pool.shared;
        let mut jobs = lock(&shared.jobs);
        let slots = jobs
            .spare
            .pop()
            .unwrap_or_else(|| (0..=pool.threads.len()).map(|_| Slot::new()).collect());
        let job = Arc::new(Job {
            run: RunRef(std::ptr::from_ref(run).cast()),
            pool: Arc::downgrade(pool),
            observers,
            control: control::current(),
            slots,
            inside: AtomicUsize::new(0),
            busy: AtomicUsize::new(0),
            caller: Waiter::new(),
            depth: nesting::depth(),
        });
        jobs.list.push(job.clone());
        shared.running.store(jobs.list.len(), Relaxed);
        drop(jobs);
        if let Some(queue) = run.queue() {
            let (job, shared) = (job.clone(), shared.clone());
            queue.call_by(Some(Arc::new(move || job.call(&shared))));
        }
        run.begin();
        if run.roots() > 1 {
            shared.hunger.feed(&shared.jobs);
        }
        let mut seat = Seat::take(&job, shared, job.slots.len() - 1);
        what(&mut seat);
        seat.leave();
        let mut jobs = lock(&shared.jobs);
        jobs.list.retain(|other| !Arc::ptr_eq(other, &job));
        shared.running.store(jobs.list.len(), Relaxed);
        drop(jobs);
        // T1: nobody enters any more; wait for those inside.
        job.caller.wait_until(|| job.inside.load(SeqCst) == 0);
        if let Some(queue) = run.queue() {
            queue.call_by(None);
        }
        if let Ok(job) = Arc::try_unwrap(job) {
            let mut jobs = lock(&shared.jobs);
            if jobs.spare.len() < SPARE_MAX {
                jobs.spare.push(job.slots);
            }
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.runners.end();
        lock(&self.shared.jobs).ending = true;
        self.shared.hunger.feed_all(&self.shared.jobs);
        for thread in self.threads.drain(..) {
            // The last handle may be dropped by a task on one of the pool's own threads.
            if thread.thread().id() != std::thread::current().id() {
                let _ = thread.join();
            }
        }
    }
}

impl Shared {
    /// What thread `number` of the pool does.
    fn work(&self, number: usize) {
        let mut turn = 0;
        loop {
            let (found, searching) = self.hunger.look_or_park(&self.jobs, |jobs| {
                if jobs.ending {
                    return Some(None);
                }
                let jobs_waiting = jobs.list.len();
                // The search begins behind the last one found, so that all get their turn.
                let order = (0..jobs_waiting).map(|at| (turn + at) % jobs_waiting);
                let at = order.into_iter().find(|&at| jobs.list[at].has_work())?;
                turn = at + 1;
                let job = jobs.list[at].clone();
                // T1: counted in while the job is in the list.
                job.inside.fetch_add(1, SeqCst);
                Some(Some(job))
            });
            let Some(job) = found else { return };
            if let Some(pool) = job.pool.upgrade() {
                // Computing inside a task uses the same pool.
                let _scope = Scope::enter(Driver::threads(Threads { pool: Ok(pool) }));
                let _observing = observing(job.observers.clone());
                let _control = control::under(job.control.clone());
                let _depth = nesting::at(job.depth);
                let mut seat = Seat::take(&job, self, number);
                seat.work_inside(searching);
                seat.leave();
            }
            job.inside.fetch_sub(1, SeqCst);
            job.caller.wake();
        }
    }
}

impl Job {
    fn run(&self) -> &Run<'static> {
        // SAFETY: T1.
        unsafe { &*self.run.0 }
    }

    /// Whether a worker that enters would find a task. Under the list's lock, or inside (T1).
    fn has_work(&self) -> bool {
        let may_claim = || !self.holds_back() || self.busy.load(SeqCst) == 0;
        (self.run().has_roots() && may_claim())
            || self.run().has_queued()
            || self.slots.iter().any(|slot| !slot.stealer.is_empty())
    }

    /// Tells those who wait that there is something to take.
    fn call(&self, shared: &Shared) {
        if !self.caller.wake() {
            shared.hunger.feed(&shared.jobs);
        }
    }

    /// Whether enough outputs wait to be read by tasks that wait for others.
    fn holds_back(&self) -> bool {
        self.run().holds_back(HELD_MAX * self.slots.len())
    }
}

/// A thread at work in a job.
struct Seat<'a> {
    job: &'a Job,
    shared: &'a Shared,
    number: usize,
    deque: Worker<NodeRef>,
    context: Context<'a>,
    /// Claimed and not begun.
    roots: Range<usize>,
    /// Whether tasks may come from elsewhere than deques and known roots.
    looks_further: bool,
}

impl Work for Seat<'_> {
    fn until_done(&mut self) {
        self.work_as_caller();
    }

    fn offer(&mut self) {
        if self.job.run().has_roots() {
            self.shared.hunger.feed(&self.shared.jobs);
        }
    }
}

impl<'a> Seat<'a> {
    fn take(job: &'a Job, shared: &'a Shared, number: usize) -> Seat<'a> {
        job.busy.fetch_add(1, SeqCst);
        let own = lock(&job.slots[number].own).take();
        Seat {
            job,
            shared,
            number,
            deque: own.expect("T2: nobody else sits here"),
            // The caller is 0.
            context: job.run().context(if number + 1 == job.slots.len() {
                0
            } else {
                number as u32 + 1
            }),
            roots: 0..0,
            looks_further: job.run().queue().is_some(),
        }
    }

    /// Gives the deque back (T2). Nothing that a seat does unwinds: a panic outside of a task aborts.
    fn leave(self) {
        *lock(&self.job.slots[self.number].own) = Some(self.deque);
        self.job.busy.fetch_sub(1, SeqCst);
    }

    /// A worker's share, until it finds nothing to do or it is another job's turn.
    fn work_inside(&mut self, woken: Option<Searching<'_>>) {
        let mut since = None;
        // SAFETY: the seat stays where it is while somebody works in it.
        let _at_work = unsafe { seed::at_work(Some(&self.context)) };
        let mut next = match woken {
            Some(searching) => self.search(Some(searching)),
            None => self.next().or_else(|| self.search(Some(self.shared.hunger.search()))),
        };
        while let Some(node) = next {
            self.execute(node);
            if self.shared.running.load(Relaxed) > 1 {
                let since = since.get_or_insert_with(Instant::now);
                if since.elapsed() > TURN {
                    break;
                }
            }
            next = self.next().or_else(|| self.search(Some(self.shared.hunger.search())));
        }
        self.give_away();
    }

    /// The caller's share, until the run is done.
    fn work_as_caller(&mut self) {
        let (run, job) = (self.job.run(), self.job);
        // SAFETY: as in `work_inside`.
        let _at_work = unsafe { seed::at_work(Some(&self.context)) };
        loop {
            if run.grows() && run.is_done() {
                // The body goes on; what is left is for others.
                return self.give_away();
            }
            // P2: a caller looks at its own job only, so it does not count as searching.
            match self.next().or_else(|| self.search(None)) {
                Some(node) => self.execute(node),
                None if run.is_done() => return,
                None => {
                    job.busy.fetch_sub(1, SeqCst);
                    job.caller.wait_until(|| run.is_done() || job.has_work());
                    job.busy.fetch_add(1, SeqCst);
                }
            }
        }
    }

    /// Runs one task, and shares what became ready but for the one to go on with.
    #[inline]
    fn execute(&mut self, node: NodeRef) {
        // SAFETY: R1: from a deque, claimed, or found ready by `execute`.
        let is_output = unsafe { self.job.run().execute(node, &self.context) };
        if self.context.eased() && self.job.run().has_roots() {
            self.shared();
        }
        let mut ready = self.context.others();
        if ready.len() > 1 {
            let next = ready.pop();
            ready.drain(..).for_each(|node| self.deque.push(node));
            ready.extend(next);
            drop(ready);
            self.shared();
        } else if is_output {
            self.job.caller.wake();
        }
    }

    /// Tells those who wait that there is something to steal.
    fn shared(&self) {
        self.job.call(self.shared);
    }

    /// Leaves nothing behind that others cannot see.
    fn give_away(&mut self) {
        self.shed_roots();
        if let Some(node) = self.context.next() {
            self.deque.push(node);
            self.shared();
        }
    }

    /// Puts claimed roots where others can take them.
    fn shed_roots(&mut self) {
        if !self.roots.is_empty() {
            let roots = std::mem::replace(&mut self.roots, 0..0);
            let run = self.job.run();
            roots.rev().for_each(|at| self.deque.push(run.root(at)));
            self.shared();
        }
    }

    /// The next task: found ready, own, or a root.
    #[inline]
    fn next(&mut self) -> Option<NodeRef> {
        if let Some(node) = self.context.next() {
            return Some(node);
        }
        if let Some(node) = self.deque.pop() {
            return Some(node);
        }
        let root = self.root();
        let hungry = || self.shared.hunger.is_hungry() || self.job.caller.is_waiting();
        if root.is_some() && hungry() {
            // None are held back: the next task may take long.
            self.shed_roots();
            if self.job.run().has_roots() {
                self.shared();
            }
        }
        root
    }

    /// A claimed root.
    #[inline]
    fn root(&mut self) -> Option<NodeRef> {
        let run = self.job.run();
        if self.looks_further {
            if let Some(node) = run.claim_queued() {
                return Some(node);
            }
            if run.grows() {
                return run.claim_grown();
            }
        }
        let at = self.roots.next().or_else(|| {
            // Whoever is alone goes on: what the waiting outputs wait for may be behind this root.
            if self.job.holds_back() && self.job.busy.load(SeqCst) > 1 {
                return None;
            }
            self.roots = run.claim_roots(ROOTS_MAX, 4 * self.job.slots.len());
            self.roots.next()
        })?;
        Some(run.root(at))
    }

    /// Looks at all others' deques for a while.
    #[cold]
    #[inline(never)]
    fn search(&mut self, searching: Option<Searching<'_>>) -> Option<NodeRef> {
        let (run, job, shared) = (self.job.run(), self.job, self.shared);
        self.context.pauses();
        for _ in 0..LOOKS {
            // A run that grows has more to do when the body waits for nothing.
            if run.is_done() && !run.grows() {
                break;
            }
            if let Some(node) = self.steal().or_else(|| self.root()) {
                // P4.
                if searching.is_none_or(Searching::found) && job.has_work() {
                    shared.hunger.feed(&shared.jobs);
                }
                return Some(node);
            }
            std::hint::spin_loop();
        }
        None
    }

    fn steal(&self) -> Option<NodeRef> {
        let slots = &self.job.slots;
        for at in 1..slots.len() {
            let slot = &slots[(self.number + at) % slots.len()];
            loop {
                match slot.stealer.steal_batch_and_pop(&self.deque) {
                    Steal::Success(node) => return Some(node),
                    Steal::Empty => break,
                    Steal::Retry => {}
                }
            }
        }
        None
    }
}
