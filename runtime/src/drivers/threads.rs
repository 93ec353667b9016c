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
//!   An ended job is another run's only once nobody else has it (`Arc::get_mut`): who leaves late sees no other run.
//! * `T2` A slot's deque belongs to the thread that took it out of the slot: a worker's number is its own, and the last slot is
//!   the caller's.

mod seat;

use super::parking::{Hunger, Searching, Waiter};
use super::runners::{Runners, Spawned};
use super::{Driver, Scheduler, Scope, Work, env, nesting};
use crate::ahead::HELD_MAX;
use crate::error::Error;
use crate::graph::node::NodeRef;
use crate::observe::{Observed, Observer, Observers, observing};
use crate::run::control::{self, Control};
use crate::scheduler::Run;
use crate::sync::atomic::AtomicUsize;
use crate::sync::atomic::Ordering::{Relaxed, SeqCst};
use crate::sync::{Mutex, lock};
use crossbeam_deque::{Stealer, Worker};
use seat::Seat;
use std::num::NonZeroUsize;
use std::sync::{Arc, OnceLock, Weak};
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
        self.pool().map(|pool| pool.workers + 1)
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

    #[cfg(feature = "rayon")]
    pub(super) fn of(pool: Pool) -> Threads {
        Threads { pool: Ok(Arc::new(pool)) }
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
    /// How many workers there can be beside callers.
    workers: usize,
    /// Those that are threads of its own.
    threads: Vec<JoinHandle<()>>,
    runners: Runners,
}

pub(super) struct Shared {
    jobs: Mutex<Jobs>,
    hunger: Hunger,
    /// How many jobs there are, and one more if workers are guests: with more than one, workers take turns.
    running: AtomicUsize,
    are_guests: bool,
}

struct Jobs {
    list: Vec<Arc<Job>>,
    /// Ended jobs, for the next runs, which then allocate nothing. Their deques are empty; a worker that has just left one may have it still.
    spare: Vec<Arc<Job>>,
    /// Numbers that guests can take.
    #[cfg(feature = "rayon")]
    numbers: Vec<usize>,
    ending: bool,
}

/// One run as the pool sees it.
struct Job {
    /// The run, its lifetimes erased (T1).
    run: RunRef,
    terms: Mutex<Terms>,
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

/// What a worker takes over from the caller of a run. Written by the caller before the run and after it, read by workers inside.
#[derive(Clone, Default)]
struct Terms {
    pool: Weak<Pool>,
    /// Who observes what its tasks compute, and what can cancel it.
    observers: Observers,
    control: Option<Arc<Control>>,
}

/// A deque's two ends.
struct Slot {
    own: Mutex<Option<Own>>,
    stealer: Stealer<NodeRef>,
}

/// What a thread works with that a job keeps for the next run.
struct Own {
    deque: Worker<NodeRef>,
    /// Room for what a task makes ready; empty.
    ready: Vec<NodeRef>,
}

impl Slot {
    fn new() -> Slot {
        let deque = Worker::new_lifo();
        Slot { stealer: deque.stealer(), own: Mutex::new(Some(Own { deque, ready: Vec::new() })) }
    }
}

struct RunRef(*const Run<'static>);
// SAFETY: a `Run` is made of atomics, locks and node addresses, which any thread may use; T1 keeps it alive.
unsafe impl Send for RunRef {}
// SAFETY: as for `Send`.
unsafe impl Sync for RunRef {}

/// How many ended jobs an idle pool keeps.
const SPARE_MAX: usize = 8;

impl Pool {
    fn start(threads: usize) -> Pool {
        let shared = Arc::new(Shared::new(Hunger::new(), false));
        let spawn = |number: usize| {
            let shared = shared.clone();
            std::thread::Builder::new()
                .name(format!("taskweave-{}", number + 1))
                .spawn(move || shared.work(number))
                .ok()
        };
        let runners = Runners::new(threads);
        let threads: Vec<_> = (0..threads - 1).map_while(spawn).collect();
        Pool { shared, workers: threads.len(), threads, runners }
    }

    /// One whose workers are guests, at most so many, which `sends` sends, given what they work for.
    #[cfg(feature = "rayon")]
    pub(super) fn hosted(
        guests: usize,
        sends: impl FnOnce(&Weak<Shared>) -> Box<dyn Fn() + Send + Sync>,
    ) -> Pool {
        let shared =
            Arc::new_cyclic(|shared| Shared::new(Hunger::of_guests(guests, sends(shared)), true));
        lock(&shared.jobs).numbers.extend(0..guests);
        Pool { shared, workers: guests, threads: Vec::new(), runners: Runners::new(guests + 1) }
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
        if pool.workers == 0 {
            return super::in_thread::drive(run, what);
        }
        // Before a worker can see it.
        run.begin();
        let shared = &pool.shared;
        let mut jobs = lock(&shared.jobs);
        let mut job = jobs.idle().unwrap_or_else(|| Arc::new(Job::idle(pool.workers + 1)));
        Arc::get_mut(&mut job).expect("T1: nobody has an idle job").begins(run, pool, observers);
        jobs.list.push(job.clone());
        shared.counts(&jobs);
        drop(jobs);
        if let Some(queue) = run.queue() {
            let (job, shared) = (job.clone(), shared.clone());
            queue.call_by(Some(Arc::new(move || job.call(&shared))));
        }
        if run.roots() > 1 {
            shared.hunger.feed(&shared.jobs);
        }
        {
            let context = job.run().context(0);
            let mut seat = Seat::take(&job, shared, job.slots.len() - 1, &context);
            what(&mut seat);
            seat.leave();
        }
        let mut jobs = lock(&shared.jobs);
        jobs.list.retain(|other| !Arc::ptr_eq(other, &job));
        shared.counts(&jobs);
        drop(jobs);
        // T1: nobody enters any more; wait for those inside.
        job.caller.wait_until(|| job.inside.load(SeqCst) == 0);
        if let Some(queue) = run.queue() {
            queue.call_by(None);
        }
        // Who observed may be dropped here.
        let terms = std::mem::take(&mut *lock(&job.terms));
        drop(terms);
        let mut jobs = lock(&shared.jobs);
        if jobs.spare.len() < SPARE_MAX {
            jobs.spare.push(job);
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.runners.end();
        lock(&self.shared.jobs).ending = true;
        // Guests go by themselves.
        if !self.shared.are_guests {
            self.shared.hunger.feed_all(&self.shared.jobs);
        }
        for thread in self.threads.drain(..) {
            // The last handle may be dropped by a task on one of the pool's own threads.
            if thread.thread().id() != std::thread::current().id() {
                let _ = thread.join();
            }
        }
    }
}

impl Jobs {
    /// An ended job that nobody has any more.
    fn idle(&mut self) -> Option<Arc<Job>> {
        let at = self.spare.iter_mut().position(|job| Arc::get_mut(job).is_some())?;
        Some(self.spare.swap_remove(at))
    }

    /// The next job with something to do, its worker counted in; no job at all at the end of the pool. The search begins at `turn`, behind the last one
    /// found, so that all get their turn.
    fn next(&self, turn: &mut usize) -> Option<Option<Arc<Job>>> {
        if self.ending {
            return Some(None);
        }
        let jobs_waiting = self.list.len();
        let order = (0..jobs_waiting).map(|at| (*turn + at) % jobs_waiting);
        let at = order.into_iter().find(|&at| self.list[at].has_work())?;
        *turn = at + 1;
        let job = self.list[at].clone();
        // T1: counted in while the job is in the list.
        job.inside.fetch_add(1, SeqCst);
        Some(Some(job))
    }
}

impl Shared {
    fn new(hunger: Hunger, are_guests: bool) -> Shared {
        let jobs = Jobs {
            list: Vec::new(),
            spare: Vec::new(),
            #[cfg(feature = "rayon")]
            numbers: Vec::new(),
            ending: false,
        };
        Shared { jobs: Mutex::new(jobs), hunger, running: AtomicUsize::new(0), are_guests }
    }

    fn counts(&self, jobs: &Jobs) {
        self.running.store(jobs.list.len() + usize::from(self.are_guests), Relaxed);
    }

    /// What thread `number` of the pool does.
    fn work(&self, number: usize) {
        let mut turn = 0;
        loop {
            let (found, searching) =
                self.hunger.look_or_park(&self.jobs, |jobs| jobs.next(&mut turn));
            let Some(job) = found else { return };
            self.work_at(&job, number, searching);
        }
    }

    /// Worker `number`'s share of a job that it is counted in.
    fn work_at(&self, job: &Arc<Job>, number: usize, searching: Option<Searching<'_>>) {
        let Terms { pool, observers, control } = lock(&job.terms).clone();
        if let Some(pool) = pool.upgrade() {
            // Computing inside a task uses the same pool.
            let _scope = Scope::enter(Driver::threads(Threads { pool: Ok(pool) }));
            let _observing = observing(observers);
            let _control = control::under(control);
            let _depth = nesting::at(job.depth);
            // The caller is 0.
            let context = job.run().context(number as u32 + 1);
            let mut seat = Seat::take(job, self, number, &context);
            seat.work_inside(searching);
            seat.leave();
        }
        job.inside.fetch_sub(1, SeqCst);
        job.caller.wake();
    }

    /// What a guest does that was sent. After each turn `stays` lets its host's work go on, and says whether the guest stays.
    #[cfg(feature = "rayon")]
    pub(super) fn entertain(&self, stays: &mut dyn FnMut() -> bool) {
        let mut turn = 0;
        let mut sent = Some(self.hunger.sent());
        let number = lock(&self.jobs).numbers.pop().expect("H1: one for each guest");
        loop {
            let found = self.hunger.look_or_go(
                &self.jobs,
                sent.take(),
                |jobs| jobs.next(&mut turn),
                |jobs| jobs.numbers.push(number),
            );
            let Some((job, searching)) = found else { return };
            if let Some(job) = &job {
                self.work_at(job, number, searching);
            }
            if job.is_none() || !stays() {
                self.hunger.goes(&self.jobs, |jobs| jobs.numbers.push(number));
                let is_left = lock(&self.jobs).list.iter().any(|job| job.has_work());
                if is_left {
                    self.hunger.feed(&self.jobs);
                }
                return;
            }
        }
    }

    /// A guest that was sent goes again: another one of this thread looks soon.
    #[cfg(feature = "rayon")]
    pub(super) fn turn_away(&self) {
        let sent = self.hunger.sent();
        self.hunger.goes(&self.jobs, |_| {});
        drop(sent);
    }
}

impl Job {
    /// One of no run, for so many threads.
    fn idle(threads: usize) -> Job {
        Job {
            run: RunRef(std::ptr::null()),
            terms: Mutex::new(Terms::default()),
            slots: (0..threads).map(|_| Slot::new()).collect(),
            inside: AtomicUsize::new(0),
            busy: AtomicUsize::new(0),
            caller: Waiter::new(),
            depth: 0,
        }
    }

    /// It is `run`'s from now on, computed by this thread on `pool`.
    fn begins(&mut self, run: &Run<'_>, pool: &Arc<Pool>, observers: Observers) {
        (self.run, self.depth) = (RunRef(std::ptr::from_ref(run).cast()), nesting::depth());
        let (pool, control) = (Arc::downgrade(pool), control::current());
        *lock(&self.terms) = Terms { pool, observers, control };
    }

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
